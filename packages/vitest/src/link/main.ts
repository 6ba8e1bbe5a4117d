import { link, linkState, unlink } from "./link.ts";
import { findProject } from "./project.ts";

const USAGE = `real-services-link            make \`vitest --real-services\` work in this project
real-services-link --undo     give the command back to vitest
real-services-link --status   say whose command \`vitest\` is
`;

const STATES = {
  linked: "vitest understands --real-services.",
  vitest: "vitest is its own command: use REAL_SERVICES=1, or run real-services-link.",
  other: "node_modules/.bin/vitest belongs to someone else.",
  missing: "There is no vitest command in node_modules/.bin.",
};

/** The command `real-services-link`. Quiet when there is nothing to do: it runs after installs. */
export async function main(words: readonly string[] = process.argv.slice(2)): Promise<void> {
  const [word, ...more] = words;
  const known = [undefined, "--undo", "--status"];
  if (!known.includes(word) || more.length > 0) {
    const isHelp = word === "--help" || word === "-h";
    (isHelp ? process.stdout : process.stderr).write(USAGE);
    process.exitCode = isHelp ? 0 : 2;
    return;
  }
  const project = findProject(process.cwd());
  if (project === undefined) {
    console.error("real-services-link: @real-services/vitest is not installed here.");
    process.exitCode = 1;
    return;
  }
  const state = linkState(project);
  if (word === "--status") console.log(STATES[state]);
  else if (word === "--undo") await undo(project, state === "linked");
  else await run(project, state === "linked");
}

async function run(project: string, isDone: boolean): Promise<void> {
  // Written again in any case: another vitest may have been installed beside it.
  await link(project);
  if (!isDone) console.log("real-services-link: `vitest --real-services` works now.");
}

async function undo(project: string, isLinked: boolean): Promise<void> {
  if (isLinked) await unlink(project);
  console.log("real-services-link: `vitest` is vitest's own command.");
}

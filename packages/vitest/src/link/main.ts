import { link, linkState, unlink } from "./link.ts";
import { findProject } from "./project.ts";
import { linkAfter, linkWhenDone } from "./when-done.ts";

const USAGE = `real-services-link              make \`vitest --real-services\` work in this project
real-services-link --when-done  the same once the package manager that runs this has ended
real-services-link --undo       give the command back to vitest
real-services-link --status     say whose command \`vitest\` is
`;

const STATES = {
  linked: "vitest understands --real-services.",
  vitest: "vitest is its own command: use REAL_SERVICES=1, or run real-services-link.",
  other: "node_modules/.bin/vitest belongs to someone else.",
  missing: "There is no vitest command in node_modules/.bin.",
};

/** What each word does in a project. */
const ACTIONS: Readonly<Record<string, (project: string, pid: number) => void | Promise<void>>> = {
  "": run,
  "--when-done": linkWhenDone,
  // Not for people: what `--when-done` leaves behind.
  "--after": (project, pid) => linkAfter(pid, project),
  "--undo": undo,
  "--status": (project) => console.log(STATES[linkState(project)]),
};

/** The command `real-services-link`. Quiet when there is nothing to do: it runs after installs. */
export async function main(words: readonly string[] = process.argv.slice(2)): Promise<void> {
  const [word = "", value] = words;
  const action = ACTIONS[word];
  if (action === undefined || words.length > (word === "--after" ? 2 : 1)) {
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
  await action(project, Number(value));
}

async function run(project: string): Promise<void> {
  const isNews = linkState(project) !== "linked";
  // Written again in any case: another vitest may have been installed beside it.
  await link(project);
  if (isNews) console.log("real-services-link: `vitest --real-services` works now.");
}

async function undo(project: string): Promise<void> {
  if (linkState(project) === "linked") await unlink(project);
  console.log("real-services-link: `vitest` is vitest's own command.");
}

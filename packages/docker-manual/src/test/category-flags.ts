import { text } from "node:stream/consumers";
import { launch } from "./launcher.ts";

/**
 * Categories as flags of Vitest: those that are names of its projects, and the others as tags. One
 * that is neither is refused before any service starts.
 */
export async function categoryFlags(
  launcher: string,
  categories: readonly string[],
  given: readonly string[],
): Promise<string[]> {
  const files = await ask(launcher, ["list", "--real-services", "--filesOnly", "--json"]);
  const projects = readProjectNames(files.output);
  const others = categories.filter((name) => !projects.has(name));
  // What cannot even be listed, Vitest explains itself; another configuration has tags of its own.
  if (others.length > 0 && files.exitCode === 0 && !given.some(namesConfiguration)) {
    const tags = readTagNames((await ask(launcher, ["run", "--list-tags=json"])).output);
    const unknown = unknownCategory(others, tags);
    if (unknown !== undefined) throw await unknownError(unknown, { projects, tags });
  }
  return toFlags(categories, projects);
}

/** Pure. A test has to be in one of the projects, and to have one of the tags. */
export function toFlags(categories: readonly string[], projects: ReadonlySet<string>): string[] {
  const tags = categories.filter((name) => !projects.has(name));
  return [
    ...categories.filter((name) => projects.has(name)).map((name) => `--project=${name}`),
    ...(tags.length === 0 ? [] : [`--tagsFilter=${tags.join(" || ")}`]),
  ];
}

/** Pure. The first that can be no tag; what has operators or wildcards is for Vitest to judge. */
export function unknownCategory(
  names: readonly string[],
  tags: ReadonlySet<string>,
): string | undefined {
  return names.find((name) => !tags.has(name) && !/[\s*!|&()]/.test(name));
}

function namesConfiguration(word: string): boolean {
  return /^(-c|-r|--config|--root|--mode)(=|$)/.test(word);
}

/** Only projects that have files are told of, which are all that matter. */
async function ask(launcher: string, args: readonly string[]) {
  const { child, ended } = launch(launcher, args, { stdio: ["ignore", "pipe", "ignore"] });
  const [output, { exitCode }] = await Promise.all([
    child.stdout === null ? "" : text(child.stdout),
    ended,
  ]);
  return { output, exitCode };
}

/** Pure. What is no list of files names no project: Vitest then says itself what is wrong. */
export function readProjectNames(output: string): ReadonlySet<string> {
  try {
    const files: unknown = JSON.parse(output.slice(output.indexOf("[")));
    if (!Array.isArray(files)) return new Set();
    return new Set(
      files.flatMap((file: { projectName?: unknown }) =>
        typeof file?.projectName === "string" ? [file.projectName] : [],
      ),
    );
  } catch {
    return new Set();
  }
}

/** Pure. Where no project has any tag, Vitest prints no list. */
export function readTagNames(output: string): ReadonlySet<string> {
  try {
    const { tags, projects = [] }: TagList = JSON.parse(output.slice(output.indexOf("{")));
    const all = [tags, ...projects.map((project) => project.tags)];
    return new Set(all.flatMap((some) => (some ?? []).map(({ name }) => name)));
  } catch {
    return new Set();
  }
}

interface Tagged {
  readonly tags?: readonly { readonly name: string }[];
}

interface TagList extends Tagged {
  readonly projects?: readonly Tagged[];
}

async function unknownError(
  name: string,
  { projects, tags }: Readonly<Record<"projects" | "tags", ReadonlySet<string>>>,
): Promise<Error> {
  const { RealServicesError } = await import("@real-services/core");
  const listed = (names: ReadonlySet<string>) => [...names].join(", ") || "none";
  return new RealServicesError(
    "REAL_SERVICES_INVALID_OPTION",
    `Vitest has neither a project nor a tag “${name}”.`,
    { received: name, hint: `Its projects: ${listed(projects)}; its tags: ${listed(tags)}.` },
  );
}

import { text } from "node:stream/consumers";
import { launch } from "./launcher.ts";

/** Categories as flags of Vitest: those that are names of its projects, and the others as tags. */
export async function categoryFlags(
  launcher: string,
  categories: readonly string[],
): Promise<string[]> {
  return toFlags(categories, await projectNames(launcher));
}

/** Pure. A test has to be in one of the projects, and to have one of the tags. */
export function toFlags(categories: readonly string[], projects: ReadonlySet<string>): string[] {
  const tags = categories.filter((name) => !projects.has(name));
  return [
    ...categories.filter((name) => projects.has(name)).map((name) => `--project=${name}`),
    ...(tags.length === 0 ? [] : [`--tagsFilter=${tags.join(" || ")}`]),
  ];
}

/** Only projects that have files are known by this, which are all that matter. */
async function projectNames(launcher: string): Promise<ReadonlySet<string>> {
  const { child, ended } = launch(launcher, ["list", "--real-services", "--filesOnly", "--json"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [output] = await Promise.all([child.stdout === null ? "" : text(child.stdout), ended]);
  return readProjectNames(output);
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

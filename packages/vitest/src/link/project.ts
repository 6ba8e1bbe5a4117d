import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The word in a package.json script by which a project opts in. */
const OPT_IN = "real-services-link";

/** The nearest folder, upwards, whose node_modules has this package. */
export function findProject(from: string): string | undefined {
  let folder = resolve(from);
  while (!existsSync(join(folder, "node_modules", "@real-services", "vitest"))) {
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
  return folder;
}

/** The file that a linked `vitest` command runs. */
export function trampolineOf(project: string): string {
  return join(project, "node_modules", ".real-services", "vitest.mjs");
}

/** Whether the link was made here, and not undone. It may have been displaced since. */
export function wasLinked(project: string): boolean {
  return existsSync(trampolineOf(project));
}

/** Whether one of the project's scripts runs the link command. */
export function hasOptedIn(project: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
    if (typeof manifest !== "object" || manifest === null || !("scripts" in manifest)) return false;
    return Object.values(manifest.scripts ?? {}).some((script) => String(script).includes(OPT_IN));
  } catch {
    return false;
  }
}

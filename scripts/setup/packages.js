import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.js";
import { projectNode } from "./node-modules.js";
import { root } from "./root.js";

/** Builds the packages, not their tests; the compiler itself knows what is up to date. */
export async function builtPackages() {
  const folder = join(root, "packages");
  const projects = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((project) => existsSync(join(project, "tsconfig.json")));
  const before = buildTimes(projects);
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  await run([projectNode, tsc, "-b", ...projects], { cwd: root });
  return buildTimes(projects) === before ? "found" : `built ${projects.length}`;
}

const buildTimes = (projects) =>
  projects
    .map(
      (project) =>
        statSync(join(project, "dist", ".tsbuildinfo"), { throwIfNoEntry: false })?.mtimeMs,
    )
    .join();

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const PACKAGE = join("node_modules", "@real-services", "vitest");

/**
 * Does at once what the opt-in does after each install. Returns what has to be said.
 * @param folder where the package is installed
 */
export async function linkCommand(project: string, folder: string): Promise<string[]> {
  const file = join(folder, PACKAGE, "bin", "real-services-link.js");
  const { stdout } = await run(process.execPath, [file], { cwd: project });
  const notes = stdout.trim() === "" ? [] : [stdout.trim()];
  // Of a workspace's scripts npm runs only the root's after an install.
  if (folder !== resolve(project)) {
    notes.push(
      `The packages are installed in ${folder}. To keep the link, add to its package.json:\n  "dependencies": "real-services-link || exit 0"`,
    );
  }
  return notes;
}

/** Here, or where the workspace is that this project belongs to; undefined when it is installed nowhere. */
export function whereInstalled(project: string): string | undefined {
  const folder = resolve(project);
  if (existsSync(join(folder, PACKAGE))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : whereInstalled(parent);
}

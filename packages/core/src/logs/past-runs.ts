import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ARCHIVE, readManifest } from "./log-folder.ts";

/**
 * The folders of runs that are over, and the archive of earlier ones: what can go when nobody wants
 * to read it any more. What another process of this host still writes is not among them.
 * @param root the folder of all runs, `.real-services`
 */
export function listPastRuns(root: string): string[] {
  return listFolders(root)
    .filter((name) => name === ARCHIVE || isOver(join(root, name)))
    .map((name) => join(root, name));
}

function listFolders(root: string): string[] {
  try {
    const entries = readdirSync(root, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** A folder without a manifest was never one of ours. */
function isOver(folder: string): boolean {
  const manifest = readManifest(folder);
  if (manifest === undefined) return false;
  return manifest.endedMs !== undefined || !isAlive(manifest.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

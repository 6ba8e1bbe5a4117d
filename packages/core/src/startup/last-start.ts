import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StartProfile } from "../environment.ts";
import { stateFolder } from "../ownership/state-folder.ts";

const KEEP_MS = 30 * 24 * 3_600_000;
const HASH = /^[0-9a-f]{16}$/;

/** Remembers how a stack started last, for who asks later where the time goes. Never fails. */
export function writeLastStart(stackHash: string, profile: StartProfile): void {
  try {
    if (!HASH.test(stackHash)) return;
    const folder = stateFolder("starts");
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (Date.now() - statSync(path).mtimeMs > KEEP_MS) rmSync(path, { force: true });
    }
    const path = join(folder, `${stackHash}.json`);
    // Several may end their start at once: a reader sees one of them, never a half.
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify(profile), { mode: 0o600 });
    renameSync(temporary, path);
  } catch {
    // A full disk or another one's clean-up; the start itself matters more.
  }
}

/** Undefined when nothing can be read. */
export function readLastStart(stackHash: string): StartProfile | undefined {
  try {
    const text = readFileSync(join(stateFolder("starts"), `${stackHash}.json`), "utf8");
    const profile: StartProfile = JSON.parse(text);
    return Array.isArray(profile.services) ? profile : undefined;
  } catch {
    return undefined;
  }
}

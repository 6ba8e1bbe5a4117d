import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { stateFolder } from "./state-folder.ts";

/**
 * The private folder of an environment on this host, for what outlives it: logs. Its name comes from
 * the user, so what is not plain in it becomes a hash, and no name leads out of the parent.
 */
export function environmentFolder(name: string): string {
  const folder = join(stateFolder("environments"), fileNameFor(name));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** A name of a file that is the same for the same text, and another for any other, on every platform. */
export function fileNameFor(text: string): string {
  const isPlain = /^[a-z0-9][a-z0-9_-]{0,63}$/.test(text);
  if (isPlain && !DEVICE.test(text)) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  // With something in front: `con.log` is a device as well.
  return `_${text.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 40)}.${hash}`;
}

/** Windows keeps these names for devices, whatever folder and whatever suffix they have. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/** Writes lines with times to a file of the environment's folder; a disk that is full stops nobody. */
export function environmentLog(name: string, file: string): (line: string) => void {
  return (line) => {
    try {
      const path = join(environmentFolder(name), `${file}.log`);
      const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW = 0 } = constants;
      const descriptor = openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
      try {
        writeSync(descriptor, `${new Date().toISOString()} ${line}\n`);
      } finally {
        closeSync(descriptor);
      }
    } catch {
      // The work matters more than what is said about it.
    }
  };
}

/** How long what an environment left to read is kept. */
const RETENTION_MS = 7 * 24 * 3_600_000;

/**
 * Removes the folders of environments that are gone and in which nothing was written for a week.
 * @param existing names of those that are on an engine now
 */
export function sweepEnvironmentFolders(
  existing: ReadonlySet<string>,
  now: number = Date.now(),
  retentionMs: number = RETENTION_MS,
): number {
  const parent = stateFolder("environments");
  const kept = new Set([...existing].map(fileNameFor));
  const old = readdirSync(parent).filter(
    (name) => !kept.has(name) && now - lastWritten(join(parent, name)) > retentionMs,
  );
  // A link is removed, not what it leads to.
  for (const name of old) rmSync(join(parent, name), { recursive: true, force: true });
  return old.length;
}

function lastWritten(path: string): number {
  const info = lstatSync(path, { throwIfNoEntry: false });
  if (info === undefined) return Number.NaN;
  const files = info.isDirectory() ? readdirSync(path).map((file) => join(path, file)) : [];
  return Math.max(
    info.mtimeMs,
    ...files.map((file) => lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0),
  );
}

import {
  createReadStream,
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Liveness } from "../ownership/liveness.ts";
import { ARCHIVE, ARCHIVE_SUFFIX, type LogManifest, readManifest } from "./log-folder.ts";

export interface ArchiveOptions {
  /** Most bytes of all archives together. */
  readonly maxBytes: number;
  readonly keepRuns: number;
  readonly keepDays: number;
}

/** A run that is over, as it lies there: its folder, or what was made of it. */
export interface PastRun {
  readonly name: string;
  readonly path: string;
  readonly isArchive: boolean;
  /** Its process has not said that it is over, and may live. */
  readonly mayBeWritten: boolean;
  /** Milliseconds since the epoch. */
  readonly endedMs: number;
  readonly bytes: number;
}

/** So long a run that is over stays as it is: somebody may be reading. */
const RECENT_MS = 10 * 60_000;
/** A run of a process that died says nothing of its end. Where the engine is not asked, silence for so long does. */
const SILENT_MS = 3_600_000;
const DAY_MS = 24 * 3_600_000;
/** A run that a process compresses: `<name>.<pid>@<host>` among the archives, beside it what it writes. */
const CLAIM = /^(.+)\.(\d+)@(.+?)(\.part)?$/;

/**
 * Compresses the runs that are over into one readable file each (`zcat`), and removes what is too
 * old or too much, the oldest first. Two processes may do so at once. What fails is left for the
 * next time, and does not keep the rest from it.
 */
export async function archiveRuns(
  root: string,
  options: ArchiveOptions,
  now: number = Date.now(),
): Promise<void> {
  // A link leads to what is somebody else's.
  if (lstatSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  for (const run of listRuns(root, now)) {
    if (run.isArchive || now - run.endedMs <= RECENT_MS) continue;
    await compress(root, run).catch(() => {});
  }
  const waste = claims(root, now).filter(({ isWaste }) => isWaste);
  for (const { path } of [...waste, ...surplus(listRuns(root, now), options, now)]) {
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** Which archives have to go. Pure. @param runs all that are over, the newest first */
export function surplus(
  runs: readonly PastRun[],
  { maxBytes, keepRuns, keepDays }: ArchiveOptions,
  now: number,
): PastRun[] {
  let bytes = 0;
  return runs.filter((run, index) => {
    if (!run.isArchive) return false;
    bytes += run.bytes;
    return index >= keepRuns || now - run.endedMs > keepDays * DAY_MS || bytes > maxBytes;
  });
}

/**
 * The runs that are over, the newest first: folders and archives under the folder of all runs.
 * @param present ids of all environments on the engine: a run whose environment is not there is over,
 * whatever it said itself
 */
export function listRuns(
  root: string,
  now: number = Date.now(),
  present?: ReadonlySet<string>,
): PastRun[] {
  const folders = entries(root)
    .filter((name) => name !== ARCHIVE)
    .map((name) => ({ name, path: join(root, name) }))
    // Where compressing was cut off, the folder is what it was.
    .concat(claims(root, now).filter(({ isWaste }) => !isWaste))
    .flatMap(({ name, path }) => pastFolder(name, path, now, present) ?? []);
  const archives = entries(join(root, ARCHIVE)).flatMap((name) => {
    const path = join(root, ARCHIVE, name);
    const info = lstatSync(path, { throwIfNoEntry: false });
    if (!name.endsWith(ARCHIVE_SUFFIX) || info?.isFile() !== true) return [];
    const run = name.slice(0, -ARCHIVE_SUFFIX.length);
    const { mtimeMs: endedMs, size: bytes } = info;
    return [{ name: run, path, isArchive: true, mayBeWritten: false, endedMs, bytes }];
  });
  return [...folders, ...archives].toSorted((a, b) => b.endedMs - a.endedMs);
}

/** What processes left that ended while they compressed: the folder of a run, or waste. */
function claims(
  root: string,
  now: number,
): { readonly name: string; readonly path: string; readonly isWaste: boolean }[] {
  return entries(join(root, ARCHIVE)).flatMap((entry) => {
    const [, name, pid, host, half] = CLAIM.exec(entry) ?? [];
    const path = join(root, ARCHIVE, entry);
    const info = lstatSync(path, { throwIfNoEntry: false });
    if (name === undefined || host === undefined || info === undefined) return [];
    const by = writerOf({ pid: Number(pid), host });
    const isOver = by === "dead" || (by === "unknown" && now - info.ctimeMs > SILENT_MS);
    const isWaste = half !== undefined || existsSync(join(root, ARCHIVE, name + ARCHIVE_SUFFIX));
    return isOver ? [{ name, path, isWaste }] : [];
  });
}

/** Undefined for what is no run, or not over. */
function pastFolder(
  name: string,
  path: string,
  now: number,
  present: ReadonlySet<string> | undefined,
): PastRun | undefined {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  const manifest = readManifest(path);
  if (manifest === undefined) return undefined;
  const files = entries(path).flatMap(
    (name) => lstatSync(join(path, name), { throwIfNoEntry: false }) ?? [],
  );
  const writtenMs = Math.max(0, ...files.map(({ mtimeMs }) => mtimeMs));
  const writer = writerOf(manifest);
  const isSilent = writer !== "alive" && now - writtenMs > SILENT_MS;
  const isGone = present?.has(manifest.id) === false;
  const endedMs = manifest.endedMs ?? (isGone || isSilent ? writtenMs : undefined);
  if (endedMs === undefined) return undefined;
  const mayBeWritten = manifest.endedMs === undefined && writer !== "dead" && !isSilent;
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return { name, path, isArchive: false, mayBeWritten, endedMs, bytes };
}

async function compress(root: string, run: PastRun): Promise<void> {
  const archive = join(root, ARCHIVE);
  mkdirSync(archive, { recursive: true, mode: 0o700 });
  // Whoever moves it away first has it.
  const own = join(archive, `${run.name}.${process.pid}@${hostname()}`);
  const next = `${own}.part`;
  try {
    renameSync(run.path, own);
  } catch {
    return;
  }
  try {
    const gzip = createGzip({ level: 3 });
    await pipeline(Readable.from(contents(own)), gzip, createWriteStream(next, { mode: 0o600 }));
    const seconds = run.endedMs / 1_000;
    utimesSync(next, seconds, seconds);
    renameSync(next, join(archive, run.name + ARCHIVE_SUFFIX));
    rmSync(own, { recursive: true, force: true });
  } catch (error) {
    // On a disk without room, say: it stays what it was.
    rmSync(next, { force: true });
    renameSync(own, run.path);
    throw error;
  }
}

/** File after file, each under its name; what a person reads first comes first. */
async function* contents(folder: string): AsyncGenerator<Buffer> {
  const names = entries(folder).filter((name) => !name.endsWith(".index"));
  const part = (name: string) => name.replace(/\.log$/, "");
  const byPart = new Intl.Collator("en", { numeric: true });
  names.sort((a, b) => rank(a) - rank(b) || byPart.compare(part(a), part(b)));
  for (const name of names) {
    yield Buffer.from(`==> ${name} <==\n`);
    for await (const chunk of createReadStream(join(folder, name))) {
      if (Buffer.isBuffer(chunk)) yield chunk;
    }
    yield Buffer.from("\n");
  }
}

function rank(name: string): number {
  return ["report.md", "environment.json", "timeline.jsonl"].indexOf(name) >>> 0;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function writerOf({ pid, host }: Pick<LogManifest, "pid" | "host">): Liveness {
  // A container may share the folder, but not our processes.
  if (host !== hostname()) return "unknown";
  try {
    process.kill(pid, 0);
    return "alive";
  } catch (error) {
    const isGone = error instanceof Error && "code" in error && error.code === "ESRCH";
    return isGone ? "dead" : "alive";
  }
}

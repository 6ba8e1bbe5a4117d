import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { ClockReading } from "./engine-clock.ts";

/** What is known of a run beside its lines: `environment.json` in its folder. */
export interface LogManifest {
  readonly environment: string;
  readonly id: string;
  /** The engine's version. */
  readonly engine: string;
  /** The process that captures, and the name of the host (or container) where its number means something. */
  readonly pid: number;
  readonly host: string;
  /** When capture began and, once it has, ended: milliseconds by the clock of this host. */
  readonly beganMs: number;
  readonly endedMs?: number;
  /** How far the engine's clock was ahead of this host's, in milliseconds, as it was measured now and then. */
  readonly clock: readonly ClockReading[];
  /** By service. */
  readonly services: Readonly<Record<string, LoggedService>>;
}

export interface LoggedService {
  /** Its first file is `<file>.log`, the next `<file>.2.log`, and so on. */
  readonly file: string;
  readonly gaps: readonly LogGap[];
}

/** Lines that could not be kept: the disk's limit, or a full disk. */
export interface LogGap {
  /** Timestamps of the first and the last of them. */
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
}

/** The isolated stack, secrets masked. */
export const STACK = "stack.json";
export const MANIFEST = "environment.json";
/** Beside the folders of runs: what is left of earlier ones. */
export const ARCHIVE = "archive";
export const ARCHIVE_SUFFIX = ".log.gz";
export const TIMELINE = "timeline.jsonl";

const { O_WRONLY, O_CREAT, O_APPEND, O_EXCL, O_NOFOLLOW = 0 } = constants;

/** Makes the folder of a run, private to this user. Throws where a link stands in the way. */
export function makeLogFolder(root: string, folder: string): void {
  for (const path of [root, folder]) {
    makeFolder(path);
    if (!lstatSync(path).isDirectory()) throw new Error(`${path} is a link`);
  }
  try {
    closeSync(openSync(join(root, ".gitignore"), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return;
    throw error;
  }
  writeFileSync(join(root, ".gitignore"), "*\n");
}

function makeFolder(path: string): void {
  const mode = 0o700;
  try {
    mkdirSync(path, { recursive: true, mode });
  } catch {
    // Of a disk that is read-only Node.js says that there is no such file.
    mkdirSync(path, { mode });
  }
}

/** Opens a file of ours for appending; a link in its place is refused. */
export function openForAppend(path: string): number {
  return openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
}

/** Makes a file of ours anew; a link in its place is refused. */
export function writeOwnFile(path: string, content: string): void {
  rmSync(path, { force: true });
  writeFileSync(path, content, { mode: 0o600, flag: "wx" });
}

/** Readers see the old or the new one, never a half. */
export function writeManifest(folder: string, manifest: LogManifest): void {
  const path = join(folder, MANIFEST);
  const next = `${path}.${manifest.pid}`;
  writeFileSync(next, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(next, path);
}

/** Undefined where there is none that can be read. */
export function readManifest(folder: string): LogManifest | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, MANIFEST), "utf8"));
    return isManifest(manifest) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Names of all services that a run had, also of those that wrote nothing. */
export function loggedServices(folder: string): readonly string[] {
  return Object.keys(readManifest(folder)?.services ?? {});
}

function isManifest(value: unknown): value is LogManifest {
  if (typeof value !== "object" || value === null) return false;
  return (
    "environment" in value &&
    typeof value.environment === "string" &&
    "clock" in value &&
    Array.isArray(value.clock) &&
    "services" in value &&
    typeof value.services === "object" &&
    value.services !== null
  );
}

/** The n-th file of a service, from 1. */
export function partName(file: string, part: number): string {
  return part === 1 ? `${file}.log` : `${file}.${part}.log`;
}

/** The number of a file of this service; undefined for any other file. */
export function partNumber(file: string, name: string): number | undefined {
  if (!name.startsWith(`${file}.`) || !name.endsWith(".log")) return undefined;
  if (name === `${file}.log`) return 1;
  const between = name.slice(file.length + 1, -".log".length);
  return /^[1-9]\d*$/.test(between) ? Number(between) : undefined;
}

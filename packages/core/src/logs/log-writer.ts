import { closeSync, lstatSync, readdirSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileNameFor } from "../ownership/environment-folder.ts";
import { DiskBudget } from "./disk-budget.ts";
import type { ClockReading } from "./engine-clock.ts";
import {
  ARCHIVE,
  ARCHIVE_SUFFIX,
  type LogManifest,
  makeLogFolder,
  openForAppend,
  STACK,
  TIMELINE,
  writeManifest,
  writeOwnFile,
} from "./log-folder.ts";
import type { LogEvent } from "./log-shapes.ts";
import { type LogGround, type LogRecord, ServiceLog } from "./service-log.ts";

/** Written by the engine's clock; each reader reckons in its own. */
export type TimelineEntry = Omit<LogEvent, "timeMs">;

export interface LogWriterOptions {
  /** The folder of all runs, and that of this one in it. */
  readonly root: string;
  readonly folder: string;
  readonly environment: string;
  readonly id: string;
  readonly engine: string;
  /** What runs there, for a report: the isolated stack, secrets masked. */
  readonly stack: () => string;
  /** That may write something: a reader is to find their files from the first line on. */
  readonly services: readonly string[];
  readonly maxBytes: number;
  /** Told once; whatever happens to the logs, the run goes on. */
  readonly onTrouble: (error: unknown) => void;
}

/** So often, at most, does the manifest follow what changes with every chunk. */
const MANIFEST_MS = 1_000;

/** The folder of a run: writes lines, events and the manifest, and keeps to the limit. */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #budget: DiskBudget;
  readonly #ground: LogGround;
  readonly #logs = new Map<string, { readonly file: string; readonly log: ServiceLog }>();
  readonly #archives: { readonly path: string; readonly bytes: number }[] = [];
  readonly #unwritten = new Set<string>();
  readonly #announced = new Set<string>();
  readonly #clock: ClockReading[] = [];
  readonly #beganMs = Date.now();
  #endedMs: number | undefined;
  #isMade = false;
  #hasTrouble = false;
  #gapBytes = 0;
  #manifestTimer: NodeJS.Timeout | undefined;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#budget = new DiskBudget(options.maxBytes, () => this.#makeRoom());
    this.#ground = {
      folder: options.folder,
      budget: this.#budget,
      makeFolder: () => this.#make(),
      onTrouble: (error) => this.#trouble(error),
    };
    for (const service of options.services) this.#logOf(service);
  }

  /** Written a moment later, together with all that is read in the same turn: the engine sends single lines. */
  append(service: string, record: LogRecord): void {
    this.#logOf(service).append(record);
    if (this.#unwritten.size === 0) setImmediate(() => this.flush());
    this.#unwritten.add(service);
  }

  /** Writes what was appended. */
  flush(): void {
    for (const service of this.#unwritten) this.#flush(service);
    this.#unwritten.clear();
  }

  #flush(service: string): void {
    const log = this.#logs.get(service)?.log;
    if (log === undefined) return;
    if (!this.#isMade) this.#attempt(() => this.#make());
    if (this.#isMade) {
      // A reader finds its file there.
      if (!this.#announced.has(service)) this.#attempt(() => this.#writeManifest());
      log.flush();
    } else log.discard();
    if (this.#lostBytes() !== this.#gapBytes) this.#manifestSoon();
  }

  event(entry: TimelineEntry): void {
    this.#attempt(() => {
      if (!this.#isMade) this.#make();
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      if (!this.#budget.take(line.length)) return;
      // Opened anew each time: events are few, and a deleted file is made again.
      const descriptor = openForAppend(join(this.#options.folder, TIMELINE));
      try {
        writeSync(descriptor, line);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  /** How far the engine's clock is ahead of ours; of readings that are all the same, the first and the last are kept. */
  clock(reading: ClockReading): void {
    const isSame = (other: ClockReading | undefined) => other?.offsetMs === reading.offsetMs;
    if (isSame(this.#clock.at(-1)) && isSame(this.#clock.at(-2))) this.#clock.pop();
    this.#clock.push(reading);
    this.#manifestSoon();
  }

  /** The run is over: nothing is written any more. */
  close(): void {
    clearTimeout(this.#manifestTimer);
    this.#endedMs = Date.now();
    this.flush();
    for (const { log } of this.#logs.values()) log.close();
    clearTimeout(this.#manifestTimer);
    if (this.#isMade) this.#attempt(() => this.#writeManifest());
  }

  #make(): void {
    const { root, folder } = this.#options;
    makeLogFolder(root, folder);
    if (!this.#isMade) this.countArchives();
    this.#isMade = true;
    this.#writeManifest();
    const stack = this.#options.stack();
    if (this.#budget.take(Buffer.byteLength(stack))) writeOwnFile(join(folder, STACK), stack);
  }

  #logOf(service: string): ServiceLog {
    const known = this.#logs.get(service);
    if (known !== undefined) return known.log;
    const file = fileNameFor(service);
    const log = new ServiceLog(file, this.#ground);
    this.#logs.set(service, { file, log });
    return log;
  }

  /** Services are few and gaps join, so it is small; and it is what a reader begins with. */
  #writeManifest(): void {
    const lostBytes = this.#lostBytes();
    const services = [...this.#logs].map(
      ([service, { file, log }]) => [service, { file, gaps: log.gaps }] as const,
    );
    const manifest: LogManifest = {
      environment: this.#options.environment,
      id: this.#options.id,
      engine: this.#options.engine,
      pid: process.pid,
      host: hostname(),
      beganMs: this.#beganMs,
      ...(this.#endedMs === undefined ? {} : { endedMs: this.#endedMs }),
      clock: this.#clock,
      services: Object.fromEntries(services),
    };
    writeManifest(this.#options.folder, manifest);
    this.#gapBytes = lostBytes;
    for (const [service] of services) this.#announced.add(service);
  }

  #manifestSoon(): void {
    if (this.#endedMs !== undefined) return;
    this.#manifestTimer ??= setTimeout(() => {
      this.#manifestTimer = undefined;
      if (this.#isMade) this.#attempt(() => this.#writeManifest());
    }, MANIFEST_MS).unref();
  }

  #lostBytes(): number {
    return [...this.#logs.values()]
      .flatMap(({ log }) => log.gaps)
      .reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The oldest archive, then the oldest middle of the longest log, then the head of the longest. */
  #makeRoom(): boolean {
    const archive = this.#archives.shift();
    if (archive !== undefined) {
      rmSync(archive.path, { force: true });
      this.#budget.giveBack(archive.bytes);
      return true;
    }
    const logs = [...this.#logs.values()]
      .map(({ log }) => log)
      .toSorted((a, b) => b.bytes - a.bytes);
    const withMiddle = logs.find(({ parts }) => parts.length > 1);
    const log = withMiddle ?? logs.find(({ parts }) => parts.length > 0);
    const part = withMiddle === undefined ? log?.parts[0] : log?.parts[1];
    if (log === undefined || part === undefined) return false;
    log.drop(part);
    this.#budget.giveBack(part.bytes);
    return true;
  }

  /** What earlier runs left counts as well; it changes when one of them is compressed. */
  countArchives(): void {
    for (const { bytes } of this.#archives.splice(0)) this.#budget.giveBack(bytes);
    const folder = join(this.#options.root, ARCHIVE);
    let names: string[] = [];
    try {
      names = readdirSync(folder);
    } catch {
      // There are none.
    }
    const found = names
      .filter((name) => name.endsWith(ARCHIVE_SUFFIX))
      .map((name) => join(folder, name))
      .flatMap((path) => {
        const info = lstatSync(path, { throwIfNoEntry: false });
        return info?.isFile() ? [{ path, bytes: info.size, mtimeMs: info.mtimeMs }] : [];
      });
    this.#archives.push(...found.toSorted((a, b) => a.mtimeMs - b.mtimeMs));
    this.#budget.occupy(found.reduce((sum, { bytes }) => sum + bytes, 0));
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#trouble(error);
    }
  }

  #trouble(error: unknown): void {
    if (this.#hasTrouble) return;
    this.#hasTrouble = true;
    this.#options.onTrouble(error);
  }
}

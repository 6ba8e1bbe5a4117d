import { closeSync, fstatSync, ftruncateSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { DiskBudget } from "./disk-budget.ts";
import { type LogGap, openForAppend, partName } from "./log-folder.ts";
import { BLOCK_BYTES, formatBlock, indexName } from "./log-index.ts";

export interface LogRecord {
  readonly timestamp: string;
  readonly stream: "out" | "err";
  readonly replica: number;
  readonly text: string;
}

/** A file of a service that is written to no more. */
interface Part {
  readonly number: number;
  readonly bytes: number;
  readonly oldest: string;
  readonly newest: string;
}

/** What the logs of all services share. */
export interface LogGround {
  readonly folder: string;
  readonly budget: DiskBudget;
  /** Makes the folder, which somebody may have deleted. */
  readonly makeFolder: () => void;
  readonly onTrouble: (error: unknown) => void;
}

interface PendingLine {
  readonly timestamp: string;
  readonly text: string;
}

interface Span {
  oldest: string;
  newest: string;
}

/**
 * The log files of one service. What is appended is written at once, when a chunk of the engine's
 * stream has been read: other processes read it while the run goes on, and none is lost with this one.
 */
export class ServiceLog {
  /** Its first file and the middle of the log; the last file is the one that is written to. */
  readonly parts: Part[] = [];
  readonly gaps: LogGap[] = [];
  readonly #folder: string;
  readonly #file: string;
  readonly #budget: DiskBudget;
  readonly #ground: LogGround;
  #pending: PendingLine[] = [];
  #part = 1;
  #descriptor: number | undefined;
  #bytes = 0;
  #lines = 0;
  #span: Span | undefined;
  /** Of the block that the index does not know yet. */
  #blockStart = 0;
  #blockSpan: Span | undefined;
  /** The last thing that happened was a loss: the next loss belongs to the same gap. */
  #isLosing = false;

  constructor(file: string, ground: LogGround) {
    this.#folder = ground.folder;
    this.#file = file;
    this.#budget = ground.budget;
    this.#ground = ground;
  }

  get bytes(): number {
    return this.parts.reduce((sum, part) => sum + part.bytes, this.#bytes);
  }

  append({ timestamp, stream, replica, text }: LogRecord): void {
    this.#pending.push({ timestamp, text: `${timestamp} ${stream} ${replica} ${text}\n` });
  }

  /** Writes what was appended. What cannot be written is lost, and counted; the run goes on. */
  flush(): void {
    const pending = this.#takePending();
    let [first, bytes] = [0, 0];
    for (const [index, { text }] of pending.entries()) {
      const length = Buffer.byteLength(text);
      // A turn may be larger than a part, and each part is to be filled: the first is the head that stays.
      if (index > first && this.#bytes + bytes + length > this.#budget.partBytes) {
        this.#writeLines(pending.slice(first, index));
        [first, bytes] = [index, 0];
      }
      bytes += length;
    }
    if (first < pending.length) this.#writeLines(pending.slice(first));
  }

  #writeLines(pending: readonly PendingLine[]): void {
    const span = spanOf(pending);
    const bytes = bytesOf(pending);
    try {
      this.#open();
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#budget.partBytes) this.#rotate();
      if (!this.#budget.take(bytes.length)) {
        this.#lose(span, bytes.length);
        return;
      }
      this.#write(bytes);
    } catch (error) {
      this.#lose(span, bytes.length);
      this.close();
      this.#ground.onTrouble(error);
      return;
    }
    this.#isLosing = false;
    this.#lines += pending.length;
    this.#span = widened(this.#span, span.oldest, span.newest);
    this.#blockSpan = widened(this.#blockSpan, span.oldest, span.newest);
    if (this.#bytes - this.#blockStart >= BLOCK_BYTES) this.#writeBlock();
  }

  #open(): number {
    // Somebody may have deleted the file, or its folder: what comes from now on can still be kept.
    if (this.#descriptor !== undefined && fstatSync(this.#descriptor).nlink === 0) {
      this.close();
      this.#ground.onTrouble(new Error(`${this.#path()} was deleted`));
    }
    if (this.#descriptor !== undefined) return this.#descriptor;
    try {
      this.#descriptor = openForAppend(this.#path());
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
      this.#ground.makeFolder();
      this.#descriptor = openForAppend(this.#path());
    }
    const { size } = fstatSync(this.#descriptor);
    if (size < this.#bytes) {
      this.#budget.giveBack(this.#bytes - size);
      this.#begin();
      this.#bytes = size;
    }
    return this.#descriptor;
  }

  /** There is nowhere to write to. */
  discard(): void {
    const pending = this.#takePending();
    if (pending.length > 0) this.#lose(spanOf(pending), bytesOf(pending).length);
  }

  #takePending(): readonly PendingLine[] {
    const pending = this.#pending;
    this.#pending = [];
    return pending;
  }

  /** Removes a file that is written to no more; what was in it is missing from now on. */
  drop(part: Part): void {
    const name = partName(this.#file, part.number);
    for (const file of [name, indexName(name)]) rmSync(join(this.#folder, file), { force: true });
    this.parts.splice(this.parts.indexOf(part), 1);
    const at = this.gaps.findIndex(({ to }) => to >= part.oldest);
    const gap = this.gaps[at];
    // The middle goes piece by piece, the oldest first: it is one gap that grows.
    if (part.number > 2 && gap !== undefined) this.gaps[at] = joined(gap, part, part.bytes);
    else this.gaps.unshift({ from: part.oldest, to: part.newest, bytes: part.bytes });
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #write(bytes: Buffer): void {
    const descriptor = this.#open();
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(descriptor, bytes, written);
    } catch (error) {
      this.#budget.giveBack(bytes.length);
      // Half a line would spoil the next one.
      if (written > 0) ftruncateSync(descriptor, this.#bytes);
      throw error;
    }
    this.#bytes += bytes.length;
  }

  #writeBlock(): void {
    const block = { end: this.#bytes, lines: this.#lines, ...(this.#blockSpan ?? NO_SPAN) };
    this.#blockStart = this.#bytes;
    this.#blockSpan = undefined;
    const line = Buffer.from(formatBlock(block));
    if (!this.#budget.take(line.length)) return;
    try {
      const descriptor = openForAppend(indexName(this.#path()));
      try {
        writeSync(descriptor, line);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      this.#ground.onTrouble(error);
    }
  }

  #rotate(): void {
    this.parts.push({ number: this.#part, bytes: this.#bytes, ...(this.#span ?? NO_SPAN) });
    this.close();
    this.#part += 1;
    this.#begin();
  }

  #begin(): void {
    this.#bytes = this.#lines = this.#blockStart = 0;
    this.#span = this.#blockSpan = undefined;
  }

  #lose({ oldest, newest }: Span, bytes: number): void {
    const last = this.gaps.at(-1);
    if (this.#isLosing && last !== undefined) {
      this.gaps[this.gaps.length - 1] = joined(last, { oldest, newest }, bytes);
    } else this.gaps.push({ from: oldest, to: newest, bytes });
    this.#isLosing = true;
  }

  #path(): string {
    return join(this.#folder, partName(this.#file, this.#part));
  }
}

const NO_SPAN: Span = { oldest: "", newest: "" };

function spanOf(lines: readonly PendingLine[]): Span {
  const span = lines.reduce<Span | undefined>(
    (all, { timestamp }) => widened(all, timestamp, timestamp),
    undefined,
  );
  return span ?? NO_SPAN;
}

function bytesOf(lines: readonly PendingLine[]): Buffer {
  return Buffer.from(lines.map(({ text }) => text).join(""));
}

function widened(span: Span | undefined, oldest: string, newest: string): Span {
  if (span === undefined) return { oldest, newest };
  return {
    oldest: oldest < span.oldest ? oldest : span.oldest,
    newest: newest > span.newest ? newest : span.newest,
  };
}

function joined(gap: LogGap, { oldest, newest }: Span, bytes: number): LogGap {
  const span = widened({ oldest: gap.from, newest: gap.to }, oldest, newest);
  return { from: span.oldest, to: span.newest, bytes: gap.bytes + bytes };
}

/** What the engine tells of a container's output: a line, or a piece of a long one. */
export interface LogEntry {
  readonly stream: "out" | "err";
  /** RFC 3339, by the engine's clock; empty when it gave none. */
  readonly timestamp: string;
  readonly payload: Buffer;
  /** The line ends with it. */
  readonly isEnd: boolean;
}

const HEADER = 8;
const STDERR = 2;
const LF = 0x0a;
const SPACE = 0x20;
/** The engine cuts longer lines into pieces of this size. */
const PIECE = 16_384;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
/** A timestamp and the space after it, as the engine writes it everywhere. */
const STAMP = 31;
const MAX_UNENDED = 1_048_576;

/**
 * Cuts the engine's log stream, with timestamps, into entries, wherever its chunks may be split.
 * Without a terminal the entries come in frames that begin with the number of the stream, with one
 * they come as they are and so with a digit of the first timestamp: the first byte tells.
 */
export class FrameParser {
  #parts: Buffer[] = [];
  #length = 0;
  /** Below this many bytes there is nothing to be found. */
  #needed = 1;
  #isRaw: boolean | undefined;
  /** Of the line that a terminal has not ended yet. */
  #timestamp = "";
  readonly #cuts: readonly number[];

  /**
   * @param unended size of what an earlier stream ended with, without the end of a line: with a
   * terminal the engine appends to it what the next run writes
   */
  constructor(unended = 0) {
    this.#cuts = unended === 0 ? [STAMP + PIECE] : [STAMP + unended, STAMP + PIECE];
  }

  push(chunk: Buffer): LogEntry[] {
    this.#parts.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return [];
    const bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts);
    this.#isRaw ??= (bytes[0] ?? 0) > 3;
    const entries: LogEntry[] = [];
    const rest = bytes.subarray(
      this.#isRaw ? this.#raw(bytes, entries) : this.#framed(bytes, entries),
    );
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    return entries;
  }

  /** The engine has nothing more: what a terminal has not ended is a line as well. */
  end(): LogEntry[] {
    const rest = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return this.#isRaw === true && rest.length > 0 ? [this.#entry("out", rest, false)] : [];
  }

  #framed(bytes: Buffer, entries: LogEntry[]): number {
    let at = 0;
    for (;;) {
      if (at + HEADER > bytes.length) {
        this.#needed = HEADER;
        return at;
      }
      const end = at + HEADER + bytes.readUInt32BE(at + 4);
      if (end > bytes.length) {
        this.#needed = end - at;
        return at;
      }
      const isEnd = bytes[end - 1] === LF;
      const payload = bytes.subarray(at + HEADER, isEnd ? end - 1 : end);
      const stream = (bytes[at] ?? 0) < STDERR ? "out" : "err";
      this.#timestamp = "";
      entries.push(this.#entry(stream, payload, isEnd));
      at = end;
    }
  }

  #raw(bytes: Buffer, entries: LogEntry[]): number {
    let at = 0;
    for (;;) {
      const lineEnd = bytes.indexOf(LF, at);
      const end = lineEnd === -1 ? bytes.length : lineEnd;
      // A piece is followed by the timestamp of the next one, on the same line.
      const isCut = (size: number) => isStamp(bytes, at) && isStamp(bytes, at + size, end);
      const cut = at + (this.#cuts.find(isCut) ?? 0);
      if (cut > at) {
        entries.push(this.#entry("out", bytes.subarray(at, cut), false));
        at = cut;
      } else if (lineEnd !== -1) {
        entries.push(this.#entry("out", bytes.subarray(at, lineEnd), true));
        this.#timestamp = "";
        at = lineEnd + 1;
      } else if (end - at > MAX_UNENDED) {
        entries.push(this.#entry("out", bytes.subarray(at, end), false));
        at = end;
      } else {
        // Neither its end nor the next piece: look again with every chunk.
        this.#needed = bytes.length - at + 1;
        return at;
      }
    }
  }

  #entry(stream: "out" | "err", bytes: Buffer, isEnd: boolean): LogEntry {
    const found = stampAt(bytes, 0);
    const timestamp = found ?? this.#timestamp;
    if (found !== undefined) this.#timestamp = found;
    const payload = found === undefined ? bytes : bytes.subarray(found.length + 1);
    return { stream, timestamp: toFixed(timestamp), payload, isEnd };
  }
}

function isStamp(bytes: Buffer, at: number, end: number = bytes.length): boolean {
  return at + STAMP <= end && stampAt(bytes, at) !== undefined;
}

function stampAt(bytes: Buffer, at: number): string | undefined {
  if (bytes[at + STAMP - 1] === SPACE && bytes[at + STAMP - 2] === 0x5a) {
    const usual = bytes.toString("latin1", at, at + STAMP - 1);
    if (TIMESTAMP.test(usual)) return usual;
  }
  const space = bytes.subarray(at, at + 40).indexOf(SPACE);
  const text = bytes.toString(
    "latin1",
    at,
    space === -1 ? Math.min(at + 40, bytes.length) : at + space,
  );
  return TIMESTAMP.test(text) ? text : undefined;
}

/** Of one width and in UTC, so that texts compare as times do. */
function toFixed(timestamp: string): string {
  if (timestamp.length === STAMP - 1 && timestamp.endsWith("Z")) return timestamp;
  const time = Date.parse(timestamp);
  if (Number.isNaN(time)) return "";
  const [, fraction = ""] = /\.(\d+)/.exec(timestamp) ?? [];
  return `${new Date(time).toISOString().slice(0, 19)}.${fraction.padEnd(9, "0").slice(0, 9)}Z`;
}

import type { LogEntry } from "./frame-parser.ts";

export interface AssembledLine {
  readonly stream: "out" | "err";
  /** When its first piece came. */
  readonly timestamp: string;
  readonly text: string;
}

/** What is kept of a longer line, its beginning; nobody reads on. */
const MAX_LINE_BYTES = 65_536;
const CR = 0x0d;

interface Unended {
  readonly timestamp: string;
  readonly parts: Buffer[];
  kept: number;
  omitted: number;
  /** It was the last byte: only what follows tells whether it ends the line or begins it anew. */
  hasReturn: boolean;
}

/** Joins the pieces of each stream's long lines and makes text of them, in bounded memory. */
export class LineAssembler {
  readonly #unended = new Map<"out" | "err", Unended>();

  push({ stream, timestamp, payload, isEnd }: LogEntry): AssembledLine | undefined {
    const before = this.#unended.get(stream);
    if (before === undefined && isEnd && payload.length <= MAX_LINE_BYTES) {
      return { stream, timestamp, text: toText(lastState(payload)) };
    }
    const line = before ?? { timestamp, parts: [], kept: 0, omitted: 0, hasReturn: false };
    append(line, payload);
    if (!isEnd) {
      this.#unended.set(stream, line);
      return undefined;
    }
    this.#unended.delete(stream);
    return finished(stream, line);
  }

  /** The streams are over: what was not ended is a line as well. */
  end(): AssembledLine[] {
    const lines = [...this.#unended].map(([stream, line]) => finished(stream, line));
    this.#unended.clear();
    return lines;
  }
}

function append(line: Unended, payload: Buffer): void {
  if (payload.length === 0) return;
  const body = withoutReturns(payload);
  const at = body.lastIndexOf(CR);
  // A progress bar: what went before was written over.
  if ((line.hasReturn && body.length > 0) || at !== -1) {
    line.parts.length = 0;
    line.kept = line.omitted = 0;
  }
  const text = at === -1 ? body : body.subarray(at + 1);
  const taken = text.subarray(0, MAX_LINE_BYTES - line.kept);
  // A copy: the chunk that it is a part of is larger.
  line.parts.push(Buffer.from(taken));
  line.kept += taken.length;
  line.omitted += text.length - taken.length;
  line.hasReturn = body.length < payload.length || (line.hasReturn && body.length === 0);
}

function finished(stream: "out" | "err", { timestamp, parts, omitted }: Unended): AssembledLine {
  const text = toText(Buffer.concat(parts));
  const note = omitted === 0 ? "" : ` … [${omitted} more bytes of this line were left out]`;
  return { stream, timestamp, text: text + note };
}

/** A line as a terminal shows it at its end. */
function lastState(line: Buffer): Buffer {
  const end = withoutReturns(line);
  const at = end.lastIndexOf(CR);
  return at === -1 ? end : end.subarray(at + 1);
}

function withoutReturns(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === CR) end -= 1;
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}

/** All but tab and escape, which colours begin with: what is left cannot end a line or fool a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const CONTROL = /[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f]/g;

function toText(bytes: Buffer): string {
  return bytes.toString("utf8").replace(CONTROL, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

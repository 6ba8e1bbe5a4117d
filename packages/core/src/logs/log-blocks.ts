import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from "node:fs";
import { join } from "node:path";
import { partName, partNumber } from "./log-folder.ts";
import { BLOCK_BYTES, indexName, type LogBlock, parseIndex } from "./log-index.ts";

/** A stretch of one of a service's files, as it was when it was looked at. */
export interface FileBlock {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  /** The number of its first line in the file, from 1. */
  readonly firstLine: number;
  /** What the index knows; undefined for what was written last. */
  readonly known: (Pick<LogBlock, "oldest" | "newest"> & { readonly lines: number }) | undefined;
}

/** A line as it stands in a file. */
export interface RawLine {
  readonly timestamp: string;
  readonly stream: "stdout" | "stderr";
  readonly replica: number;
  readonly text: string;
  readonly path: string;
  readonly fileLine: number;
}

const { O_RDONLY, O_NOFOLLOW = 0 } = constants;

/** The files of a service, oldest first, cut where their indexes say. */
export function listBlocks(folder: string, file: string): FileBlock[] {
  return readdirSync(folder)
    .flatMap((name) => partNumber(file, name) ?? [])
    .toSorted((a, b) => a - b)
    .flatMap((part) => blocksOf(join(folder, partName(file, part))));
}

function blocksOf(path: string): FileBlock[] {
  const size = withFile(path, (descriptor) => fstatSync(descriptor).size) ?? 0;
  const blocks: FileBlock[] = [];
  let start = 0;
  let lines = 0;
  for (const block of readIndex(path)) {
    if (block.end > size) break;
    const known = { ...block, lines: block.lines - lines };
    blocks.push({ path, start, end: block.end, firstLine: lines + 1, known });
    start = block.end;
    lines = block.lines;
  }
  if (size > start) blocks.push({ path, start, end: size, firstLine: lines + 1, known: undefined });
  return blocks;
}

function readIndex(path: string): LogBlock[] {
  try {
    return parseIndex(readFileSync(indexName(path), "utf8"));
  } catch {
    return [];
  }
}

/** Its lines one after another; few of them are in memory at a time. A file that has gone has none. */
export function* readLines({ path, start, end, firstLine }: FileBlock): Generator<RawLine> {
  let at = start;
  let rest: Buffer = Buffer.alloc(0);
  let fileLine = firstLine;
  while (at < end) {
    const size = Math.min(BLOCK_BYTES, end - at);
    const chunk = withFile(path, (descriptor) => {
      const bytes = Buffer.alloc(size);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, size, at));
    });
    if (chunk === undefined || chunk.length === 0) return;
    at += chunk.length;
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const last = bytes.lastIndexOf(0x0a) + 1;
    rest = bytes.subarray(last);
    const lines = bytes.toString("utf8", 0, last).split("\n");
    lines.pop();
    for (const line of lines) {
      const parsed = parseLine(line);
      if (parsed !== undefined) yield { ...parsed, path, fileLine };
      fileLine += 1;
    }
  }
}

function parseLine(line: string): Omit<RawLine, "path" | "fileLine"> | undefined {
  const [, timestamp, stream, replica, text] = /^(\S+) (out|err) (\d+) (.*)$/.exec(line) ?? [];
  if (timestamp === undefined || text === undefined) return undefined;
  return {
    timestamp,
    stream: stream === "err" ? "stderr" : "stdout",
    replica: Number(replica),
    text,
  };
}

function withFile<T>(path: string, work: (descriptor: number) => T): T | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, O_RDONLY | O_NOFOLLOW);
  } catch {
    return undefined;
  }
  try {
    return work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

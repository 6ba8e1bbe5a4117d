/** A stretch of a log file: what a reader has to know to pass over it. */
export interface LogBlock {
  /** Where it ends, in bytes, and how many lines the file has up to there. */
  readonly end: number;
  readonly lines: number;
  /** Its oldest and its newest line: they are nearly but not strictly in order. */
  readonly oldest: string;
  readonly newest: string;
}

/** A block of the index for so many bytes of log. */
export const BLOCK_BYTES = 131_072;

export function indexName(file: string): string {
  return `${file}.index`;
}

export function formatBlock({ end, lines, oldest, newest }: LogBlock): string {
  return `${end} ${lines} ${oldest} ${newest}\n`;
}

/** A line that is cut off, as when the disk was full, ends the index: what follows is read as lines. */
export function parseIndex(text: string): LogBlock[] {
  const blocks: LogBlock[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const [, end, lines, oldest, newest] = /^(\d+) (\d+) (\S+) (\S+)$/.exec(line) ?? [];
    if (oldest === undefined || newest === undefined) break;
    const block = { end: Number(end), lines: Number(lines), oldest, newest };
    if (block.end <= (blocks.at(-1)?.end ?? 0)) break;
    blocks.push(block);
  }
  return blocks;
}

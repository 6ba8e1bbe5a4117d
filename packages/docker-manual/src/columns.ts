export interface Layout {
  /** What the columns are called. */
  readonly header?: readonly string[];
  /** Longest line. @default that of the terminal on standard output */
  readonly width?: number;
}

const GAP = "  ";
/** A last column that is narrower is no place for words. */
const LEAST_ROOM = 20;

/**
 * Rows as columns, each as wide as its widest cell; a column in which no row has anything is left
 * out. What a narrow terminal would break in the middle of columns is broken between words: the last
 * column goes on below itself, or, where there is no room for that, each row is a paragraph.
 */
export function columns(
  rows: readonly (readonly string[])[],
  { header = [], width = widthOf(process.stdout) }: Layout = {},
): string[] {
  const all = header.length === 0 ? rows : [header, ...rows];
  const widths = Array.from({ length: Math.max(0, ...all.map((row) => row.length)) }, (_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  const align = (row: readonly string[], count: number): string =>
    widths
      .slice(0, count)
      .flatMap((wide, column) => (wide === 0 ? [] : [(row[column] ?? "").padEnd(wide)]))
      .join(GAP);
  const lines = all.map((row) => align(row, widths.length).trimEnd());
  if (lines.every((line) => line.length <= width)) return lines;

  const last = widths.findLastIndex((wide) => wide > 0);
  const head = align([], last).length + GAP.length;
  if (last > 0 && width - head >= LEAST_ROOM) {
    return all.flatMap((row) => fold(align(row, last) + GAP, row[last] ?? "", width));
  }
  return rows.flatMap((row) => paragraph(row, header, width));
}

/** A sentence in one line, or on a narrow terminal in several. */
export function prose(text: string): string[] {
  return columns([[text]]);
}

/** Without a terminal there is no limit; one that does not know its size says 0. */
export function widthOf({ isTTY, columns: wide }: NodeJS.WriteStream): number {
  return isTTY && wide > 0 ? wide : Number.POSITIVE_INFINITY;
}

function fold(head: string, cell: string, width: number): string[] {
  const mark = markOf(head);
  const [first = "", ...more] = wrap(cell, width - head.length);
  if ([first, ...more].every((line) => head.length + line.length <= width)) {
    const below = mark.padEnd(head.length);
    return [`${head}${first}`.trimEnd(), ...more.map((line) => below + line)];
  }
  // A word that long has more room in a line of its own.
  return [head.trimEnd(), ...indented(cell, mark + GAP, width)];
}

function paragraph(
  row: readonly string[],
  header: readonly string[],
  width: number,
): readonly string[] {
  const cells = row.flatMap((cell, column) => {
    const name = header[column];
    return cell.trim() === "" ? [] : [name === undefined ? cell.trimEnd() : `${name} ${cell}`];
  });
  const mark = markOf(cells[0] ?? "");
  const lines: string[] = [];
  for (const [index, cell] of cells.entries()) {
    const joined = `${lines.at(-1)}${GAP}${cell.trimStart()}`;
    if (index === 0) lines.push(...indented(cell.slice(mark.length), mark, width));
    else if (joined.length <= width) lines.splice(-1, 1, joined);
    else lines.push(...indented(cell.trimStart(), mark + GAP, width));
  }
  return lines;
}

/** What a row begins with, its further lines begin with too: spaces, or the mark of a comment. */
function markOf(line: string): string {
  return /^[\s#]*/.exec(line)?.[0] ?? "";
}

function indented(text: string, indent: string, width: number): string[] {
  const [first = ""] = wrap(text, width - indent.length);
  const more = wrap(text.slice(first.length).trimStart(), width - indent.length - GAP.length);
  return [indent + first, ...more.map((line) => indent + GAP + line)];
}

/** Broken between words; one that is longer stays whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text === "" ? [] : text.split(/\s/)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) {
      lines.splice(-1, 1, `${line} ${word}`);
    } else lines.push(word);
  }
  return lines;
}

import type { LogLine } from "../log-shapes.ts";
import type { LogLevel } from "./log-level.ts";
import { type ParsedLine, parseLine } from "./parse-line.ts";

/** One message with all of its lines: a stack trace, a statement of several lines. */
export interface LogRecord {
  readonly level: LogLevel | undefined;
  readonly message: string;
  /** At least one, of one stream of one container. */
  readonly lines: readonly LogLine[];
}

interface OpenRecord {
  level: LogLevel | undefined;
  readonly message: string;
  readonly lines: LogLine[];
}

/** Belongs to the trace before it although it begins at the margin. */
const TRACE_LINE =
  /^(?:Caused by: |Suppressed: |\.\.\. \d+ more$|goroutine \d+ \[|created by |[}\])]+[;,]?$)/;
const PANIC = /^panic: /;
const GO_FRAME = /^[\w./*(){}\-[\]]+\(.*\)$/;
const PYTHON = /^Traceback \(most recent call last\)/;

/**
 * Puts the lines of a message together: stack traces, PostgreSQL's DETAIL and STATEMENT, indented
 * lines. Every line is in exactly one record; records stand in the order of their first lines.
 */
export function groupRecords(lines: readonly LogLine[]): readonly LogRecord[] {
  const records: OpenRecord[] = [];
  const open = new Map<string, OpenRecord>();
  for (const line of lines) {
    const source = `${line.service}/${line.replica}/${line.stream}`;
    const parsed = parseLine(line.text);
    const record = open.get(source);
    if (record !== undefined && continues(parsed, record)) {
      record.lines.push(line);
      record.level ??= parsed.level;
      // The error itself stands below the frames.
      if (PYTHON.test(record.message) && !/^\s|^$/.test(parsed.message)) open.delete(source);
      continue;
    }
    const begun = { level: parsed.level, message: parsed.message, lines: [line] };
    records.push(begun);
    open.set(source, begun);
  }
  return records;
}

function continues(line: ParsedLine, { message }: OpenRecord): boolean {
  if (line.continues === true || TRACE_LINE.test(line.message)) return true;
  if (PANIC.test(message) && GO_FRAME.test(line.message)) return true;
  return PYTHON.test(message);
}

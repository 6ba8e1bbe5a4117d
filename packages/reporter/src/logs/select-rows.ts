import type { LogEvent, LogLine, ServiceSlice } from "@real-services/core/logs";
import { groupRecords, isAtLeast } from "@real-services/core/logs";

/** One row of a shortened slice. */
export type Row =
  | {
      readonly type: "line";
      readonly line: LogLine;
      readonly error: boolean;
      readonly first: boolean;
    }
  | { readonly type: "event"; readonly event: LogEvent }
  | { readonly type: "gap"; readonly lines: number };

/** Of one message; stack traces are longer than they are worth. */
const MAX_RECORD_LINES = 15;

interface Entry {
  readonly timeMs: number;
  readonly row: Exclude<Row, { type: "gap" }>;
  /** Lines left out before it. */
  readonly gap: number;
  readonly keep: boolean;
}

/**
 * Shortens a slice to about `maxLines` lines. Errors stay, with their traces; of the rest the
 * beginning and the end. What happened to the containers stands between the lines by time.
 */
export function selectRows(slice: ServiceSlice, maxLines: number): readonly Row[] {
  const entries = inOrder(slice);
  const kept = entries.filter(({ keep }) => keep).length;
  const others = entries.filter(({ keep }) => !keep);
  const space = Math.max(0, maxLines - kept);
  // To say that one line is left out takes a line.
  const room = others.length === space + 1 ? others.length : space;
  const head = new Set(others.slice(0, Math.ceil(room / 2)));
  const tail = new Set(others.slice(others.length - Math.min(others.length, Math.floor(room / 2))));
  const rows: Row[] = [];
  let gap = 0;
  const close = (): void => {
    if (gap > 0) rows.push({ type: "gap", lines: gap });
    gap = 0;
  };
  for (const entry of entries) {
    gap += entry.gap;
    if (entry.keep || head.has(entry) || tail.has(entry)) {
      close();
      rows.push(entry.row);
    } else gap += 1;
  }
  close();
  return rows;
}

/** Lines record by record, so that a trace stays whole, and events by time. */
function inOrder(slice: ServiceSlice): readonly Entry[] {
  // What capture left out lies between the first and the last lines.
  const middle = slice.lines[Math.ceil(slice.lines.length / 2)];
  const entries: Entry[] = [];
  for (const record of groupRecords(slice.lines)) {
    const error = isAtLeast(record.level, "error");
    const timeMs = record.lines[0]?.timeMs ?? 0;
    record.lines.forEach((line, index) => {
      entries.push({
        timeMs,
        row: { type: "line", line, error, first: index === 0 },
        gap: line === middle ? slice.omittedLines : 0,
        keep: error && index < MAX_RECORD_LINES,
      });
    });
  }
  const starts: Entry[] = [];
  for (const told of slice.events) {
    const event = told.type === "started" ? { ...told, timeMs: beganAt(told, slice) } : told;
    const entry: Entry = {
      timeMs: event.timeMs,
      row: { type: "event", event },
      gap: 0,
      keep: true,
    };
    if (event.type === "started") starts.push(entry);
    else entries.push(entry);
  }
  // Stable: at the same moment starts come first, then lines in their order, then other events.
  return [...starts, ...entries].toSorted((a, b) => a.timeMs - b.timeMs);
}

/** A busy engine tells of a start when the container has written its first lines already. */
function beganAt(start: LogEvent, { lines, events }: ServiceSlice): number {
  const isBefore = ({ replica, timeMs }: LogLine | LogEvent): boolean =>
    replica === start.replica && timeMs < start.timeMs;
  const ended = events.filter(isBefore).at(-1)?.timeMs ?? Number.NEGATIVE_INFINITY;
  return lines.find((line) => isBefore(line) && line.timeMs > ended)?.timeMs ?? start.timeMs;
}

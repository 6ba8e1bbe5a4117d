import { relative } from "node:path";
import type { LogSlice, ServiceSlice } from "@real-services/core/logs";
import { groupRecords, isAtLeast } from "@real-services/core/logs";
import { type Paint, plain } from "../paint.ts";
import { cutText, type Mask, safeSlice } from "./safe-text.ts";
import { type Row, selectRows } from "./select-rows.ts";

export interface RenderSliceOptions {
  /** @default no colours */
  readonly paint?: Paint;
  /** Lines of each service; errors are shown beyond it. @default 20 */
  readonly maxLines?: number;
  /** Paths are shown relative to it. @default the working directory */
  readonly cwd?: string;
  /** @default masks by form */
  readonly mask?: Mask;
}

const MAX_LINES = 20;
const MAX_HEADLINES = 3;

/** Times are milliseconds since the slice begins: `+12ms`, `+3.4s`. */
const TIME_WIDTH = 7;

/**
 * What services wrote and lived through, a paragraph for each with the place of its whole log. No
 * final newline; empty when nothing happened.
 */
export function renderSlice(slice: LogSlice, options: RenderSliceOptions = {}): string {
  const { services } = safeSlice(slice, options.mask);
  return services.map((one) => renderService(one, slice.fromMs, options)).join("\n");
}

/** The errors of a slice, and how containers ended, in one line each and without repetition. */
export function headlines(slice: LogSlice, { mask }: RenderSliceOptions = {}): readonly string[] {
  const said = new Set<string>();
  for (const { service, lines, events } of safeSlice(slice, mask).services) {
    for (const { type, text } of events) {
      if (type === "oom" || (type === "exited" && !/\bcode 0\b/.test(text))) {
        said.add(`${service} ${cutText(text)}`);
      }
    }
    for (const { level, message } of groupRecords(lines)) {
      if (isAtLeast(level, "error")) said.add(`${service}: ${cutText(message)}`);
    }
  }
  const all = [...said];
  if (all.length <= MAX_HEADLINES) return all;
  return [...all.slice(0, MAX_HEADLINES), `and ${all.length - MAX_HEADLINES} more`];
}

function renderService(slice: ServiceSlice, fromMs: number, options: RenderSliceOptions): string {
  const { paint = plain, maxLines = MAX_LINES, cwd = process.cwd() } = options;
  const replicas = new Set([...slice.lines, ...slice.events].map(({ replica }) => replica));
  const place = `${relative(cwd, slice.file) || slice.file}:${slice.fileLine}`;
  const rows = selectRows(slice, maxLines).map((row) =>
    renderRow(row, { fromMs, paint, several: replicas.size > 1 }),
  );
  if (slice.missingBytes > 0) {
    rows.push(
      paint("yellow", `  ! ${formatBytes(slice.missingBytes)} of this log could not be kept`),
    );
  }
  return [`${paint("bold", slice.service)}  ${paint("dim", place)}`, ...rows].join("\n");
}

function renderRow(
  row: Row,
  { fromMs, paint, several }: { fromMs: number; paint: Paint; several: boolean },
): string {
  if (row.type === "gap") {
    return paint(
      "dim",
      `    … ${row.lines.toLocaleString("en")} ${row.lines === 1 ? "line" : "lines"} …`,
    );
  }
  const { timeMs, replica } = row.type === "event" ? row.event : row.line;
  const who = several ? `#${replica} ` : "";
  const time = paint("dim", formatOffset(timeMs - fromMs).padStart(TIME_WIDTH));
  if (row.type === "event") {
    const text = `${row.event.service} ${cutText(row.event.text)}`;
    return `  ${paint("yellow", "●")} ${time}  ${who}${paint("yellow", text)}`;
  }
  const text = cutText(row.line.text);
  if (!row.error) return `    ${time}  ${who}${text}`.trimEnd();
  const mark = row.first ? paint("red", "✖") : " ";
  return `  ${mark} ${time}  ${who}${paint("red", text)}`.trimEnd();
}

function formatOffset(ms: number): string {
  const rounded = Math.max(0, Math.round(ms));
  return rounded < 10_000 ? `+${rounded}ms` : `+${(rounded / 1_000).toFixed(1)}s`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const units = ["KiB", "MiB", "GiB"];
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}`;
}

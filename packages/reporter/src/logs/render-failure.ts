import { relative } from "node:path";
import { formatDuration } from "../duration.ts";
import { plain } from "../paint.ts";
import type { EnvironmentSummary, FailureReport, ServiceFailure } from "./failure.ts";
import { headlines, type RenderSliceOptions, renderSlice } from "./render-slice.ts";

const MAX_NAMES = 3;

/** Without a title: for under a failure that others have printed. No final newline. */
export function renderFailure(failure: ServiceFailure, options: RenderSliceOptions = {}): string {
  const { slice, tries, overlapping } = failure;
  const during = `in the ${formatSpan(failure.endMs - failure.startMs)} of this ${failure.kind}`;
  if (slice === undefined) return renderPointer(failure, options);
  if (slice.services.length === 0) {
    return `services ${failure.kind === "run" ? "logged no error" : "wrote nothing"} ${during}`;
  }
  const heads = headlines(slice, options);
  const notes: string[] = [];
  if (tries.length > 1) {
    const begins = tries.map((ms) => `+${Math.round(ms - failure.startMs)}ms`);
    notes.push(`${tries.length} tries, which began at ${begins.join(", ")}`);
  }
  if (overlapping.length > 0) {
    notes.push(`lines may be of what ran at the same time: ${some(overlapping)}`);
  }
  const [first = `what services wrote ${during}`, ...others] = heads;
  return [first, ...others, ...notes, renderSlice(slice, options)].join("\n");
}

/** One line, for those that come after too many others. */
export function renderPointer(
  failure: ServiceFailure,
  { cwd = process.cwd() }: RenderSliceOptions = {},
): string {
  const from = new Date(failure.startMs).toISOString();
  const to = new Date(failure.endMs).toISOString();
  return `logs from ${from} to ${to}: ${relative(cwd, failure.logFolder)}`;
}

/** As others would print it: with the name of what failed. */
export function renderTitledFailure(
  failure: ServiceFailure,
  options: RenderSliceOptions = {},
): string {
  const { paint = plain } = options;
  const project = failure.project === "" ? "" : `|${failure.project}| `;
  const name = titleOf(failure, options);
  const body = renderFailure(failure, options).replace(/^(?=.)/gm, "  ");
  return `${paint(["bold", "red"], " LOGS ")} ${project}${name}\n${body}`;
}

/** Where a reader finds it: the file, and the name within. */
export function titleOf(
  { kind, name, file }: ServiceFailure,
  { cwd = process.cwd() }: RenderSliceOptions = {},
): string {
  if (kind === "run") return name;
  return kind === "file" ? relative(cwd, file) : `${relative(cwd, file)} > ${name}`;
}

/** What died after it was ready, and how services fared: one line each. Empty when there is nothing to tell. */
export function renderEnvironments(
  report: FailureReport,
  options: RenderSliceOptions = {},
): string {
  return report.environments.map((one) => renderEnvironment(one, options)).join("\n\n");
}

function renderEnvironment(summary: EnvironmentSummary, options: RenderSliceOptions): string {
  const { paint = plain, cwd = process.cwd() } = options;
  const width = Math.max(0, ...summary.services.map(({ service }) => service.length));
  const rows = summary.services.flatMap(({ service, readyMs, restarts, deaths }) => {
    const ready = readyMs === undefined ? "" : `ready after ${formatDuration(readyMs)}`;
    const again =
      restarts === 0 ? "" : `started again ${restarts === 1 ? "once" : `${restarts} times`}`;
    const died = deaths.length === 0 ? "" : paint("red", some(deaths));
    const said = [ready, again, died].filter((part) => part !== "").join(", ");
    return said === "" ? [] : [`  ${service.padEnd(width)}  ${said}`];
  });
  const place = relative(cwd, summary.reportFile ?? summary.logFolder);
  const title = `${paint("bold", summary.environment)}  ${paint("dim", place)}`;
  const { postMortem } = summary;
  if (postMortem === undefined) return [title, ...rows].join("\n");
  const slice = renderSlice(postMortem, options).replace(/^(?=.)/gm, "  ");
  return [title, ...rows, "", `  ${paint("red", "died after it was ready")}`, slice].join("\n");
}

function some(texts: readonly string[]): string {
  const more = texts.length - MAX_NAMES;
  const shown = texts.slice(0, MAX_NAMES).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function formatSpan(ms: number): string {
  return ms < 1_000 ? `${Math.max(0, Math.round(ms))} ms` : formatDuration(ms);
}

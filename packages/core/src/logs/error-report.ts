import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PostMortem } from "../startup/post-mortem.ts";
import { readManifest, STACK, writeOwnFile } from "./log-folder.ts";
import type { LogEvent, LogSlice, ServiceSlice } from "./log-shapes.ts";
import { readSlice } from "./read-slice.ts";

/** A failure with what the services wrote meanwhile, secrets masked. */
export interface ReportedFailure {
  /** Such as the full name of a test. */
  readonly title: string;
  readonly message: string;
  readonly slice?: LogSlice;
}

export interface ErrorReport {
  readonly environment: string;
  /** By name: `real-services`, `engine`, `Compose`, `Vitest`, `Node`, … */
  readonly versions: Readonly<Record<string, string>>;
  readonly failures: readonly ReportedFailure[];
  /** Of services that did not become ready. */
  readonly postMortems: readonly PostMortem[];
  /** Of services that died after they were ready: how they ended, and their last lines. */
  readonly died: readonly ServiceSlice[];
  readonly timeline: readonly LogEvent[];
  /** The isolated stack as text, secrets masked; empty when it is not known. */
  readonly stack: string;
}

type Told = "versions" | "failures" | "postMortems" | "died";

/** What can be told of a failed run; the rest is in its folder. */
export type ReportInput = Partial<Pick<ErrorReport, Told>> & {
  /** Applied to all of the report. @default nothing is masked that is not masked yet */
  readonly mask?: (text: string) => string;
};

/** Bounded, whatever happened: ten thousand failures are one bug report as well. */
const MAX_FAILURES = 50;
const MAX_EVENTS = 500;

/** Everything about a failed run that somebody else needs to understand it, as Markdown. Pure. */
export function formatErrorReport(report: ErrorReport): string {
  const { environment, versions, failures, postMortems, died, timeline, stack } = report;
  const ends = [...postMortems.map(formatPostMortem), ...died.map(formatEnd)];
  return [
    `# Run of ${environment || "an unknown environment"}`,
    table(["", "version"], Object.entries(versions)),
    ...section("Failures", some(failures, MAX_FAILURES, formatFailure)),
    ...section("Post-mortems", ends),
    ...section("Timeline", timeline.length === 0 ? [] : [formatTimeline(timeline)]),
    ...section("Isolated stack", stack === "" ? [] : [fenced(stack, "json")]),
  ]
    .join("\n\n")
    .concat("\n");
}

/**
 * Writes `report.md` into the folder of a run, from what it holds and what is given, and returns its
 * path. Throws what the file system throws. @param folder `logFolder` of the environment
 */
export async function writeErrorReport(folder: string, input: ReportInput = {}): Promise<string> {
  const { versions = {}, failures = [], postMortems = [], died = [] } = input;
  const { mask = (text: string) => text } = input;
  const manifest = readManifest(folder);
  const whole = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, maxLines: 0 };
  const { services } = await readSlice(folder, whole);
  const timeline = services.flatMap(({ events }) => events).toSorted((a, b) => a.timeMs - b.timeMs);
  const text = formatErrorReport({
    environment: manifest?.environment ?? "",
    versions: {
      "real-services": ownVersion(),
      ...(manifest === undefined ? {} : { engine: manifest.engine }),
      Compose: (await composeVersion()) ?? "unknown",
      ...versions,
      Node: process.version,
      platform: `${process.platform} ${process.arch}`,
    },
    failures,
    postMortems,
    died,
    timeline,
    stack: readStack(folder),
  });
  const path = join(folder, "report.md");
  writeOwnFile(path, mask(text));
  return path;
}

function ownVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  const { version }: { version: string } = JSON.parse(readFileSync(file, "utf8"));
  return version;
}

/** Loaded here only: a test's worker reads slices, and asks nobody. */
async function composeVersion(): Promise<string | undefined> {
  const { readComposeVersion } = await import("../engine/compose-version.ts");
  return readComposeVersion();
}

function readStack(folder: string): string {
  try {
    return readFileSync(join(folder, STACK), "utf8");
  } catch {
    return "";
  }
}

function section(title: string, parts: readonly string[]): string[] {
  return parts.length === 0 ? [] : [`## ${title}`, ...parts];
}

function some<T>(items: readonly T[], max: number, format: (item: T) => string): string[] {
  const parts = items.slice(0, max).map(format);
  return items.length <= max ? parts : [...parts, `… and ${items.length - max} more.`];
}

function formatFailure({ title, message, slice }: ReportedFailure): string {
  const parts = (slice?.services ?? []).map(formatSlice);
  return [`### ${inline(title)}`, fenced(message), ...parts].join("\n\n");
}

function formatSlice(slice: ServiceSlice): string {
  const { service, lines, events, omittedLines, missingBytes, file, fileLine } = slice;
  const half = omittedLines === 0 ? lines.length : Math.ceil(lines.length / 2);
  const said = lines.map(({ timeMs, text }, index) => {
    const omitted = index === half ? `… ${omittedLines} lines left out …\n` : "";
    return { timeMs, text: `${omitted}${clock(timeMs)} ${text}` };
  });
  const happened = events.map(({ timeMs, text }) => ({
    timeMs,
    text: `${clock(timeMs)} *** ${service} ${text}`,
  }));
  const all = [...said, ...happened].toSorted((a, b) => a.timeMs - b.timeMs);
  const missing = missingBytes === 0 ? "" : `, ${missingBytes} bytes of it are missing`;
  return `**${inline(service)}** (${inline(file)}:${fileLine}${missing})\n\n${fenced(all.map(({ text }) => text).join("\n"))}`;
}

function formatPostMortem(postMortem: PostMortem): string {
  const { service, reason, state, exitCode, signal, oomKilled, restartCount, engineError } =
    postMortem;
  const facts = [
    ["container", postMortem.container],
    ["image", postMortem.image],
    ...(state === "" ? [] : [["state", state]]),
    ...(exitCode === null
      ? []
      : [["exit code", `${exitCode}${signal === null ? "" : ` (${signal})`}`]]),
    ...(oomKilled ? [["out of memory", "yes"]] : []),
    ...(restartCount === 0 ? [] : [["restarts", String(restartCount)]]),
    ...(engineError === null ? [] : [["engine", engineError]]),
    ...postMortem.closedPorts.map((port) => [`port ${port}`, "nothing answers"]),
    ...(postMortem.waitedForBy.length === 0
      ? []
      : [["waited for by", postMortem.waitedForBy.join(", ")]]),
  ];
  const checks = postMortem.healthChecks.map(
    (check) => `health check exited with ${check.exitCode}: ${check.output}`,
  );
  const lines = [...checks, ...postMortem.logLines];
  return [
    `### ${inline(service)}: ${reason}`,
    table(["", ""], facts),
    ...(lines.length === 0 ? [] : [fenced(lines.join("\n"))]),
  ].join("\n\n");
}

function formatEnd(slice: ServiceSlice): string {
  return `### ${inline(slice.service)}: died after it was ready\n\n${formatSlice(slice)}`;
}

function formatTimeline(timeline: readonly LogEvent[]): string {
  const lines = timeline
    .slice(-MAX_EVENTS)
    .map(
      ({ timeMs, service, replica, text }) => `${clock(timeMs)} ${service} (${replica}) ${text}`,
    );
  const omitted = timeline.length - lines.length;
  return fenced([...(omitted > 0 ? [`… ${omitted} earlier ones`] : []), ...lines].join("\n"));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.map(inline).join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}

function inline(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
}

/** A fence that nothing in the text can end; colours are for terminals. */
function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${withoutColours(text)}\n${fence}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const COLOUR = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

function withoutColours(text: string): string {
  return text.replaceAll(COLOUR, "");
}

function clock(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 23);
}

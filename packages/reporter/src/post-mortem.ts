import type { PostMortem } from "@real-services/core";
import type { LogSlice } from "@real-services/core/logs";
import { renderSlice } from "./logs/render-slice.ts";
import { maskSecrets } from "./mask.ts";
import { type Paint, plain } from "./paint.ts";

const LOG_LINES = 20;
const HEALTH_CHECKS = 3;

const REASON = {
  exited: "exited",
  unhealthy: "never became healthy",
  timeout: "was not ready in time",
  removed: "was removed while it started",
  "not-started": "was not started",
} as const satisfies Record<PostMortem["reason"], string>;

/**
 * What a person would look up first about a service that failed, as lines without a final newline.
 * With a slice of its log that says more than the last lines: errors, and what happened to it.
 */
export function renderPostMortem(
  postMortem: PostMortem,
  paint: Paint = plain,
  slice?: LogSlice,
): string {
  const rows: [label: string, lines: readonly string[]][] = [
    ["container", [`${postMortem.container} (${postMortem.image})`]],
    ["engine", lines(postMortem.engineError)],
    ["port", postMortem.closedPorts.map((port) => `${port}: nothing answers`)],
    ["health", postMortem.healthChecks.slice(-HEALTH_CHECKS).flatMap(renderCheck)],
    ["log", renderOwn(slice, postMortem.service, paint) ?? renderLog(postMortem.logLines)],
    ["needed by", postMortem.waitedForBy.length === 0 ? [] : [postMortem.waitedForBy.join(", ")]],
  ];
  const body = rows.flatMap(([label, [first, ...others]]) =>
    first === undefined
      ? []
      : [
          `  ${paint("dim", label.padEnd(9))}  ${first}`,
          ...others.map((line) => `${" ".repeat(13)}${line}`),
        ],
  );
  return [`${paint("bold", postMortem.service)} ${summarize(postMortem)}`, ...body].join("\n");
}

/** Such as `was killed by SIGKILL (137), for using too much memory, after 2 restarts`. */
export function summarize(postMortem: PostMortem): string {
  const { reason, restartCount, state, oomKilled, signal } = postMortem;
  const end = describeEnd(postMortem);
  const parts: string[] = reason === "exited" ? [end ?? REASON.exited] : [REASON[reason]];
  if (reason !== "exited" && end !== undefined) parts.push(end);
  if (state === "paused") parts.push("paused");
  if (oomKilled) {
    // It is not always the main process that is killed; what else ends of it may even say 0.
    const who = signal === "SIGKILL" ? "" : "a process in it was killed ";
    parts.push(`${who}for using too much memory`);
  }
  if (restartCount > 0) {
    parts.push(`after ${restartCount} ${restartCount === 1 ? "restart" : "restarts"}`);
  }
  return parts.join(", ");
}

function describeEnd({ reason, exitCode, signal }: PostMortem): string | undefined {
  if (exitCode === null) return undefined;
  if (signal !== null) return `was killed by ${signal} (${exitCode})`;
  return reason === "exited" ? `exited with code ${exitCode}` : `exit code ${exitCode}`;
}

function renderCheck(check: PostMortem["healthChecks"][number]): string[] {
  const [first = "no output", ...others] = lines(check.output);
  return [`exit ${check.exitCode}: ${first}`, ...others];
}

function renderOwn(
  slice: LogSlice | undefined,
  service: string,
  paint: Paint,
): readonly string[] | undefined {
  const services = slice?.services.filter((one) => one.service === service) ?? [];
  if (slice === undefined || services.length === 0) return undefined;
  return renderSlice({ ...slice, services }, { paint, maxLines: LOG_LINES }).split("\n");
}

function renderLog(log: readonly string[]): string[] {
  if (log.length === 0) return ["(empty)"];
  const shown = log.slice(-LOG_LINES).map((line) => maskSecrets(line));
  const hidden = log.length - shown.length;
  return hidden === 0 ? shown : [`(${hidden} earlier lines)`, ...shown];
}

function lines(text: string | null): string[] {
  return (text ?? "")
    .split("\n")
    .map((line) => maskSecrets(line.trimEnd()))
    .filter((line) => line !== "");
}

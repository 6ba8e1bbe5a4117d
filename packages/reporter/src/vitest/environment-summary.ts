import {
  type LogEvent,
  type LogSlice,
  type ReportInput,
  readSlice,
  writeErrorReport,
} from "@real-services/core/logs";
import type { EnvironmentSummary, ServiceFailure } from "../logs/failure.ts";
import { safeSlice } from "../logs/safe-text.ts";
import type { ProvidedEnvironment } from "./provided-environment.ts";

/** Of a service that died: its last lines. */
const LAST_LINES = 20;

/** When a service became ready: milliseconds since acquire, and since the epoch. */
export interface Ready {
  readonly sinceAcquireMs: number;
  readonly atMs: number;
}

/** How the services of an environment fared since they were ready, or else since the tests began. */
export async function summarizeEnvironment(
  environment: ProvidedEnvironment,
  beganMs: number,
  readyOf: (service: string) => Ready | undefined,
): Promise<EnvironmentSummary> {
  const { name, logFolder, services, mask } = environment;
  const readyMs = (service: string): number => readyOf(service)?.atMs ?? beganMs;
  const fromMs = Math.min(beganMs, ...services.map(readyMs));
  const options = { fromMs, toMs: Date.now(), maxLines: 2 * LAST_LINES };
  const slice = await readSlice(logFolder, options).catch(() => undefined);
  const safe = slice === undefined ? undefined : withoutStart(safeSlice(slice, mask), readyMs);
  const found = new Map((safe?.services ?? []).map((one) => [one.service, one]));
  return {
    environment: name,
    logFolder,
    services: services.map((service) => {
      const events = found.get(service)?.events ?? [];
      return {
        service,
        readyMs: readyOf(service)?.sinceAcquireMs,
        restarts: events.filter(({ type }) => type === "started").length,
        deaths: deathsIn(events),
        file: found.get(service)?.file,
      };
    }),
    postMortem: safe === undefined ? undefined : postMortem(safe),
    reportFile: undefined,
  };
}

/** One file for each environment, with all that a bug's reader would ask for. */
export async function writeReport(
  summary: EnvironmentSummary,
  failures: readonly ServiceFailure[],
  { versions, mask }: Pick<ReportInput, "versions" | "mask">,
): Promise<EnvironmentSummary> {
  const own = failures.filter(({ logFolder }) => logFolder === summary.logFolder);
  try {
    const reportFile = await writeErrorReport(summary.logFolder, {
      ...(versions === undefined ? {} : { versions }),
      ...(mask === undefined ? {} : { mask }),
      failures: own.map(({ name, message, slice }) => ({
        title: name,
        message,
        ...(slice === undefined ? {} : { slice }),
      })),
      died: summary.postMortem?.services ?? [],
    });
    return { ...summary, reportFile };
  } catch {
    // A full or read-only disk: capture has told of it.
    return summary;
  }
}

/** What happened before a service was ready belongs to its start. */
function withoutStart(slice: LogSlice, readyMs: (service: string) => number): LogSlice {
  const services = slice.services.map((one) => ({
    ...one,
    events: one.events.filter(({ timeMs }) => timeMs > readyMs(one.service)),
  }));
  return { ...slice, services };
}

const OF_ITSELF: ReadonlySet<LogEvent["type"]> = new Set(["oom", "engine-restarted"]);

/** How containers ended that should not have; an OOM kill is not told again as an exit. */
export function deathsIn(events: readonly LogEvent[]): readonly string[] {
  const deaths = events.filter(({ type, text }) => OF_ITSELF.has(type) || isCrash(type, text));
  const oom = new Set(deaths.filter(({ type }) => type === "oom").map(({ replica }) => replica));
  const told = deaths.filter(({ type, replica }) => type !== "exited" || !oom.has(replica));
  return [...new Set(told.map(({ text }) => text))];
}

function isCrash(type: LogEvent["type"], text: string): boolean {
  return type === "exited" && !/\bcode 0\b/.test(text);
}

function postMortem(slice: LogSlice): LogSlice | undefined {
  const dead = slice.services.filter(({ events }) => deathsIn(events).length > 0);
  if (dead.length === 0) return undefined;
  return {
    ...slice,
    services: dead.map((service) => {
      const lines = service.lines.slice(-LAST_LINES);
      const before = service.lines.length - lines.length + service.omittedLines;
      return { ...service, lines, omittedLines: 0, fileLine: service.fileLine + before };
    }),
  };
}

import { groupRecords, isAtLeast, readSlice, type ServiceSlice } from "@real-services/core/logs";
import type { TestModule, TestRunEndReason } from "vitest/node";
import type { ServiceFailure } from "../logs/failure.ts";
import { safeSlice, safeText } from "../logs/safe-text.ts";
import { deathsIn } from "./environment-summary.ts";
import type { ProvidedEnvironment } from "./provided-environment.ts";
import { get } from "./task.ts";
import { sizeOf, untilQuiet } from "./until-quiet.ts";

/** Of each service, its last errors. */
const MAX_ERRORS = 5;
const MAX_LINES = 400;

/** What failed a run beside its tests: no test has a place for it. */
export interface RunFailure {
  readonly name: string;
  readonly message: string;
}

export interface EndedRun {
  readonly modules: readonly TestModule[];
  readonly errors: readonly unknown[];
  readonly reason: TestRunEndReason;
  /** A shard may be left without files. */
  readonly isShard: boolean;
}

/**
 * Unhandled errors, or what kept every file from being run, such as a global setup that throws;
 * undefined when there is nothing but tests. Vitest calls such a
 * run “passed”, unless it has to have tests.
 */
export function runFailure({ modules, errors, reason, isShard }: EndedRun): RunFailure | undefined {
  if (errors.length > 0) {
    const name = errors.length === 1 ? "unhandled error" : `${errors.length} unhandled errors`;
    return { name, message: messageOf(errors[0]) };
  }
  const isEmpty = reason === "failed" || (reason === "passed" && !isShard);
  // Vitest prints the error when everybody has been told of the end.
  return modules.length === 0 && isEmpty ? { name: "before any test", message: "" } : undefined;
}

/** With the last errors that services logged since they were ready. */
export async function describeRun(
  { name, message }: RunFailure,
  { logFolder, mask }: ProvidedEnvironment,
  { startMs, readyMs }: { readonly startMs: number; readonly readyMs: (service: string) => number },
): Promise<ServiceFailure> {
  const endMs = Date.now();
  const read = () =>
    readSlice(logFolder, { fromMs: startMs, toMs: Date.now(), maxLines: MAX_LINES }).catch(
      () => undefined,
    );
  await untilQuiet(async () => sizeOf(await read()), endMs);
  const slice = await read();
  const services = slice?.services.flatMap((one) => lastErrors(one, readyMs(one.service)) ?? []);
  return {
    kind: "run",
    name,
    message: safeText(message, mask),
    file: "",
    project: "",
    startMs,
    endMs,
    tries: [],
    overlapping: [],
    slice: slice && services && safeSlice({ ...slice, services }, mask),
    logFolder,
  };
}

/** With how its containers ended; undefined for neither. Errors of the start are the start's. */
export function lastErrors(slice: ServiceSlice, sinceMs: number): ServiceSlice | undefined {
  const errors = groupRecords(slice.lines)
    .filter(({ level, lines: [first] }) => isAtLeast(level, "error") && isSince(first, sinceMs))
    .slice(-MAX_ERRORS);
  const lines = errors.flatMap((record) => record.lines);
  const events = slice.events.filter((event) => isSince(event, sinceMs));
  const [first] = lines;
  if (first === undefined && deathsIn(events).length === 0) return undefined;
  const at = first === undefined ? 0 : slice.lines.indexOf(first);
  const omitted = at < slice.lines.length / 2 ? 0 : slice.omittedLines;
  return { ...slice, lines, events, omittedLines: 0, fileLine: slice.fileLine + at + omitted };
}

function isSince(one: { readonly timeMs: number } | undefined, sinceMs: number): boolean {
  return one !== undefined && one.timeMs >= sinceMs;
}

function messageOf(error: unknown): string {
  const message = get(error, "message");
  return typeof message === "string" ? message : String(error);
}

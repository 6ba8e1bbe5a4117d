import { parseDuration } from "./duration.ts";
import type { ComposeHealthCheck } from "./model.ts";

/** The engine's defaults for what a health check leaves out. */
const DEFAULTS = { intervalMs: 30_000, timeoutMs: 30_000, retries: 3, startPeriodMs: 0 };

/** How often the check runs until it first passes. */
const START_INTERVAL_MS = 100;

/**
 * The same check, run often while the service starts. Only the engine's rhythm changes, and only
 * until the first success: `start_interval` works within `start_period` alone, so that is stretched
 * to the last moment at which the user's own numbers would call the service unhealthy. The verdict
 * in time is ours (`judge-container.ts`).
 * Needs an engine ≥ 25 (moby/moby#48874).
 */
export function probeOften(check: ComposeHealthCheck): ComposeHealthCheck {
  const latest = verdictAfterMs(check, checkTimeoutMs(check));
  if (latest === undefined) return check;
  return {
    ...check,
    start_period: `${Math.ceil(latest)}ms`,
    start_interval: `${Math.min(START_INTERVAL_MS, startIntervalMs(check))}ms`,
  };
}

/**
 * When the engine would call a service unhealthy whose check never passes, in milliseconds after
 * its start: each check begins one interval after the end of the one before, those that begin
 * within `start_period` do not count, and `retries` failures in a row decide. `checkMs` is how
 * long one takes. Undefined when there is no check.
 */
export function verdictAfterMs(
  check: ComposeHealthCheck | undefined,
  checkMs = 0,
): number | undefined {
  if (check === undefined || check.disable === true || check.test?.[0] === "NONE") return undefined;
  const interval = parseDuration(check.interval) || DEFAULTS.intervalMs;
  const startPeriod = parseDuration(check.start_period) ?? DEFAULTS.startPeriodMs;
  const retries = check.retries || DEFAULTS.retries;
  const round = interval + checkMs;
  const uncounted = Math.max(0, Math.ceil((startPeriod + checkMs) / round) - 1);
  return (uncounted + retries) * round;
}

/** The longest that one run of the check may take before the engine ends it. */
export function checkTimeoutMs(check: ComposeHealthCheck): number {
  return parseDuration(check.timeout) || DEFAULTS.timeoutMs;
}

function startIntervalMs(check: ComposeHealthCheck): number {
  return parseDuration(check.start_interval) || Number.POSITIVE_INFINITY;
}

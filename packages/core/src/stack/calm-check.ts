import { parseDuration } from "./duration.ts";
import { OPTIONAL_LABEL } from "./labels.ts";
import type { ComposeHealthCheck, ComposeService } from "./model.ts";

/** How often the engine looks at a container that we look at ourselves: as often as by default. */
const CALM_SECONDS = 30;
/** Whoever never wants to give up is left alone: the engine has a longest duration. */
const LONGEST_MS = 24 * 3_600_000;
/** The engine's default. */
const RETRIES = 3;

/**
 * The check of a copy, without haste while the service starts. We run it ourselves then, as often as
 * is cheap, and count as the user's own numbers say; the engine running it every second beside us
 * takes 40 % of two processors from eight environments that start. Once the engine has seen it pass,
 * it goes on in the user's own rhythm. Undefined where nothing is to change: the rhythm is calm
 * or was chosen for the start.
 */
export function calmCheck(
  service: ComposeService,
): { readonly healthcheck: ComposeHealthCheck; readonly label: string } | undefined {
  const { healthcheck: check } = service;
  if (check?.test === undefined || check.disable || check.start_interval !== undefined) {
    return undefined;
  }
  const intervalMs = parseDuration(check.interval) || Number.POSITIVE_INFINITY;
  if (intervalMs >= CALM_SECONDS * 1_000) return undefined;
  const startPeriodMs = parseDuration(check.start_period) ?? 0;
  // Until then the user's own numbers cannot have said that it is too late.
  const verdictMs = startPeriodMs + intervalMs * (check.retries || RETRIES);
  if (verdictMs > LONGEST_MS) return undefined;
  return {
    healthcheck: {
      ...check,
      start_period: `${Math.ceil(verdictMs / 1_000)}s`,
      start_interval: `${CALM_SECONDS}s`,
    },
    label: String(startPeriodMs),
  };
}

/** The user's own start period in milliseconds, of a container whose check is calm. */
export function readStartPeriod(labels: Readonly<Record<string, string>>): number | undefined {
  const written = labels[OPTIONAL_LABEL.startPeriod];
  return written === undefined ? undefined : Number(written);
}

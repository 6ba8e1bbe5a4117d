import type { ContainerAccount, EngineEvent } from "../engine/engine-shapes.ts";
import { readStartPeriod } from "../stack/calm-check.ts";

/** What the timeline has told of a container so far: events come late, twice, or not at all. */
export interface ContainerRun {
  /** Its last start and its last end, in seconds since the epoch by the engine's clock; 0 for none. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** The start of an earlier run whose end was never told; 0 for none. */
  readonly unendedAt: number;
  /** No event told the last of them; it may still come. */
  readonly isAssumed: boolean;
  readonly starts: number;
  /** `healthy` or `unhealthy`, as it was told last of this run. */
  readonly health: string | undefined;
}

export const NEVER_STARTED: ContainerRun = {
  ...{ startedAt: 0, endedAt: 0, unendedAt: 0, isAssumed: false, starts: 0, health: undefined },
};

/** The container after the event; undefined when the event is no news. Pure. */
export function afterEvent(
  run: ContainerRun,
  { action, time }: EngineEvent,
  isAssumed: boolean,
): ContainerRun | undefined {
  const { startedAt, endedAt, starts } = run;
  const isRunning = startedAt > endedAt;
  if (action === "start") {
    const isKnown = isRunning || time < startedAt || time < endedAt;
    if (run.isAssumed && !isAssumed && isKnown) return undefined;
    const unendedAt = isRunning ? startedAt : run.unendedAt;
    const next = { startedAt: time, endedAt, unendedAt, isAssumed };
    return { ...next, starts: starts + 1, health: undefined };
  }
  if (action === "die") {
    if (run.isAssumed && !isAssumed && (!isRunning || time < startedAt)) return undefined;
    if (!isAssumed) return { ...run, endedAt: time, isAssumed };
    return { ...run, endedAt: Math.max(endedAt, time), unendedAt: 0, isAssumed };
  }
  const [, health = run.health] = /^health_status: (.*)$/.exec(action) ?? [];
  if (health === run.health) return action.startsWith("health_status") ? undefined : run;
  return { ...run, health };
}

/** A container that ran before anybody listened. */
export function runOf(container: Observed): ContainerRun {
  const startedAt = seconds(container.startedAt);
  // Where the check is calm, the engine's first look comes late, and is no change.
  const assumed = readStartPeriod(container.labels) === undefined ? undefined : "healthy";
  const health = container.health === "starting" ? assumed : container.health;
  const endedAt = isUp(container) ? 0 : seconds(container.finishedAt);
  return { ...NEVER_STARTED, startedAt, endedAt, starts: 1, health };
}

type Observed = Pick<
  ContainerAccount,
  "health" | "id" | "labels" | "state" | "startedAt" | "finishedAt" | "exitCode" | "oomKilled"
>;

/** The starts and ends that no event has told, from what the container is now. Pure. */
export function missedEvents(run: ContainerRun, container: Observed): EngineEvent[] {
  const { id, labels, exitCode } = container;
  const startedAt = seconds(container.startedAt);
  const finishedAt = seconds(container.finishedAt);
  const event = (action: string, time: number, attributes = {}): EngineEvent => ({
    ...{ action, time, containerId: id, attributes: { ...labels, ...attributes } },
  });
  const isOther = startedAt > run.startedAt;
  const isEndTold = run.endedAt > run.startedAt && run.endedAt <= startedAt;
  const unendedAt = isOther && !isEndTold ? run.startedAt : run.unendedAt;
  const events: EngineEvent[] = [];
  if (unendedAt > 0) {
    // How a run ended that another has followed, the engine has forgotten.
    const isItsEnd = finishedAt > unendedAt && finishedAt <= startedAt;
    events.push(event("die", isItsEnd ? finishedAt : startedAt));
  }
  if (isOther) events.push(event("start", startedAt));
  if (!isUp(container) && finishedAt >= startedAt && finishedAt > run.endedAt) {
    if (container.oomKilled) events.push(event("oom", finishedAt));
    events.push(event("die", finishedAt, { exitCode: String(exitCode) }));
  }
  return events;
}

function isUp({ state }: Observed): boolean {
  return state === "running" || state === "paused";
}

/** Times are cut to milliseconds, so they are never after what an event tells. */
function seconds(time: string | undefined): number {
  return Math.max(0, Date.parse(time ?? "") || 0) / 1_000;
}

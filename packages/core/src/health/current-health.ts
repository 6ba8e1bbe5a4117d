import type { EngineClient } from "../engine/client.ts";
import type { ContainerDetails, ExecResult } from "../engine/engine-shapes.ts";
import { readStartPeriod } from "../stack/calm-check.ts";

const CHECK_MS = 5_000;

/**
 * The engine's first word on a container comes half a minute after its start, by default and where
 * we have made its check calm. The same check, run now, tells earlier.
 */
export async function withCurrentHealth<T extends ContainerDetails>(
  engine: EngineClient,
  container: T,
  signal?: AbortSignal,
): Promise<T> {
  if (container.state !== "running" || container.health !== "starting") return container;
  const beganAt = Date.now();
  const run = await runCheck(engine, container, signal);
  if (run === undefined) return container;
  const { exitCode, output } = run;
  const healthLog = [...container.healthLog, { exitCode, output, beganAt, endedAt: Date.now() }];
  if (exitCode === 0) return { ...container, health: "healthy", healthLog };
  return { ...container, health: isOverdue(container) ? "unhealthy" : "starting", healthLog };
}

/** Undefined when it was stopped meanwhile, or its check hangs: the engine's own word stands. */
async function runCheck(
  engine: EngineClient,
  { id, check }: ContainerDetails,
  signal: AbortSignal | undefined,
): Promise<ExecResult | undefined> {
  if (check === undefined) return undefined;
  const timeoutMs = Math.min(check.timeoutMs, CHECK_MS);
  return engine.exec(id, check.command, timeoutMs, signal).catch(() => {
    signal?.throwIfAborted();
    return undefined;
  });
}

/** By the user's own numbers it would have been healthy by now; of a calm check the engine says so much later. */
function isOverdue({ labels, check, startedAt }: ContainerDetails): boolean {
  if (check === undefined || readStartPeriod(labels) === undefined) return false;
  return Date.now() > Date.parse(startedAt) + check.startPeriodMs;
}

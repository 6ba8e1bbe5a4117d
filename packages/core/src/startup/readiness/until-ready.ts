import { setTimeout as delay } from "node:timers/promises";
import type { WaitStrategy } from "testcontainers";
import type { EngineClient } from "../../engine/client.ts";
import type { ContainerDetails, EnginePort, HealthTest } from "../../engine/engine-shapes.ts";
import { engineStatus } from "../../engine/engine-status.ts";
import type { ServiceKind } from "../../services/service-kind.ts";
import { nextProbeMs } from "./back-off.ts";
import { conversation } from "./greetings.ts";
import { portAnswers } from "./port-answers.ts";
import { untilStrategy } from "./wait-strategy.ts";

export interface ReadinessRequest {
  readonly engine: EngineClient;
  /** As the engine told right after the start. */
  readonly container: ContainerDetails;
  /** Where its published ports are reached. */
  readonly host: string;
  readonly kind: ServiceKind | undefined;
  /** Whom a greeting names. */
  readonly user: string;
  /** The user's own idea of ready; it replaces every other. */
  readonly waitFor: WaitStrategy | undefined;
  /** Given to a strategy that has none of its own. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How long a service without health check and without ports must run to count as ready. */
const STABLE_MS = 500;
/** No greeting is waited for longer than this before the user's own check has its say. */
const GREETING_PATIENCE_MS = 1_000;
/** A look at a port costs next to nothing; it need never be rare. */
const PORT_CAP_MS = 250;

/**
 * Resolves once a running container can serve: by the user's own check, run by us as often as it is
 * cheap, else by its ports. It does not know when to give up: the engine, which runs the user's
 * check in the user's own rhythm, says “unhealthy”, and the container's end is an event.
 */
export async function untilReady(request: ReadinessRequest): Promise<void> {
  const { container, waitFor } = request;
  if (waitFor !== undefined) return untilStrategy(waitFor, request);
  if (container.check !== undefined) return untilChecked(request, container.check);
  const ports = container.ports.filter(({ protocol }) => protocol === "tcp");
  if (ports.length === 0) {
    await delay(STABLE_MS, undefined, { signal: request.signal });
    return;
  }
  await Promise.all(ports.map((port) => untilPortAnswers(request, port)));
}

async function untilChecked(request: ReadinessRequest, check: HealthTest): Promise<void> {
  const { container, kind, signal } = request;
  const mainPort = container.ports.find(({ containerPort }) => containerPort === kind?.port);
  if (mainPort !== undefined) {
    // Asking at the door is so much cheaper than running a command inside that the command waits.
    const patience = AbortSignal.timeout(GREETING_PATIENCE_MS);
    const limit = kind?.startsTwice ? signal : AbortSignal.any([signal, patience]);
    await untilPortAnswers({ ...request, signal: limit }, mainPort).catch((error) => {
      if (!patience.aborted || signal.aborted) throw error;
    });
  }
  await untilPasses(request, check);
  const { networkCheck, startsTwice } = kind ?? {};
  if (startsTwice && mainPort === undefined && networkCheck !== undefined) {
    await untilPasses(request, { ...check, command: networkCheck }, mayLack);
  }
}

/** The command is not in every image of the kind; then nothing can be said against the service. */
function mayLack(exitCode: number): boolean {
  return exitCode === 0 || exitCode >= 126 || exitCode < 0;
}

async function untilPasses(
  { engine, container, signal }: ReadinessRequest,
  check: HealthTest,
  passes: (exitCode: number) => boolean = (exitCode) => exitCode === 0,
): Promise<void> {
  const beganAt = performance.now();
  for (;;) {
    const probeBeganAt = performance.now();
    if (await runPasses(engine, container.id, check, passes, signal)) return;
    const now = performance.now();
    await rest(now - probeBeganAt, now - beganAt, check.intervalMs, signal);
  }
}

async function runPasses(
  engine: EngineClient,
  id: string,
  check: HealthTest,
  passes: (exitCode: number) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { exitCode } = await engine.exec(id, check.command, check.timeoutMs, signal);
    return passes(exitCode);
  } catch (error) {
    signal.throwIfAborted();
    // Paused, between two attempts, gone, or the command hangs: whoever watches the container tells.
    // What cannot be run at all is an answer of its own.
    return engineStatus(error) === 400 && passes(127);
  }
}

async function untilPortAnswers(
  { host, kind, user, signal }: ReadinessRequest,
  port: EnginePort,
): Promise<void> {
  const words =
    kind !== undefined && port.containerPort === kind.port
      ? conversation(kind.greeting, user)
      : undefined;
  const beganAt = performance.now();
  while (!(await portAnswers(host, port.hostPort, words, signal))) {
    signal.throwIfAborted();
    await rest(0, performance.now() - beganAt, PORT_CAP_MS, signal);
  }
}

async function rest(
  costMs: number,
  waitedMs: number,
  capMs: number,
  signal: AbortSignal,
): Promise<void> {
  await delay(nextProbeMs({ costMs, waitedMs, capMs }), undefined, { signal });
}

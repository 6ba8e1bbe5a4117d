import { setTimeout as delay } from "node:timers/promises";
import type { WaitStrategy } from "testcontainers";
import type { EngineClient } from "../../engine/client.ts";
import type {
  ContainerDetails,
  EnginePort,
  ExecResult,
  HealthTest,
} from "../../engine/engine-shapes.ts";
import { engineStatus } from "../../engine/engine-status.ts";
import { RealServicesError } from "../../errors.ts";
import type { ServiceKind } from "../../services/service-kind.ts";
import { nextProbeMs } from "./back-off.ts";
import { CheckFailure, type CheckHistory } from "./check-history.ts";
import { conversation } from "./greetings.ts";
import { isInitPhase } from "./init-phase.ts";
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
  /** Keeps what was found out on the way. */
  readonly findings?: Findings | undefined;
}

/** What was found out about one run of a container. */
export interface Findings {
  readonly history: CheckHistory;
  /** Ports inside the container that are waited for, and do not answer yet. */
  readonly closedPorts: Set<number>;
}

/** How long a service without health check and without ports must run to count as ready. */
const STABLE_MS = 500;
/** No greeting is waited for longer than this before the user's own check has its say. */
const GREETING_PATIENCE_MS = 1_000;
/** A timer takes no more than 2³¹ ms. */
const LONGEST_MS = 3_600_000;
/** What cannot be run, as in an engine that has gone, is not tried without a pause. */
const MIN_TURN_MS = 100;
/** A look at a port costs next to nothing; it need never be rare. */
const PORT_CAP_MS = 250;

/**
 * Resolves once a running container can serve: by the user's own check, run by us as often as it is
 * cheap, else by its ports. Throws CheckFailure when the history says that the user's own numbers
 * have run out. Where the engine does the counting, it says so itself, and the container's end is
 * an event.
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
    const limited = { ...request, signal: limit };
    const knock = (either: ReadinessRequest) => untilPortAnswers(either, mainPort);
    await whileCounting(limited, check, knock).catch((error) => {
      if (error instanceof CheckFailure || !patience.aborted || signal.aborted) throw error;
    });
  }
  await untilPasses(request, check);
  const { networkCheck, startsTwice } = kind ?? {};
  if (startsTwice && mainPort === undefined && networkCheck !== undefined) {
    let answers = false;
    await whileCounting(request, check, async (either) => {
      answers = await untilInitIsOver(either, { ...check, command: networkCheck });
    });
    // What passed before may have been the first server.
    if (!answers) await untilPasses(request, check);
  }
}

/**
 * True when the real server answers where its kind does; false when it cannot be told so, but the
 * first server is gone: the real one may listen on another port, or on none.
 */
async function untilInitIsOver(
  { engine, container, signal }: ReadinessRequest,
  networkCheck: HealthTest,
): Promise<boolean> {
  // It is not the user's check: its failures do not count.
  const request = { engine, container, signal };
  let answers = false;
  await untilHolds(networkCheck.intervalMs, signal, async () => {
    const exitCode = await runCheck(request, networkCheck);
    answers = exitCode !== undefined && mayLack(exitCode);
    return answers || (await isInitPhase(engine, container.id, container.pid)) === false;
  });
  return answers;
}

/** The command is not in every image of the kind; then nothing can be said against the service. */
function mayLack(exitCode: number): boolean {
  return exitCode === 0 || exitCode >= 126 || exitCode < 0;
}

/** Waits for something else than the check, which is run only for the sake of counting. */
async function whileCounting(
  request: ReadinessRequest,
  check: HealthTest,
  wait: (request: ReadinessRequest) => Promise<void>,
): Promise<void> {
  const turnAtMs = () => request.findings?.history.turnAtMs;
  if (turnAtMs() === undefined) return wait(request);
  const decided = new AbortController();
  const signal = AbortSignal.any([request.signal, decided.signal]);
  const both = { ...request, signal };
  const count = async () => {
    for (;;) {
      const waitMs = (turnAtMs() ?? 0) - performance.now();
      await delay(Math.min(Math.max(waitMs, MIN_TURN_MS), LONGEST_MS), undefined, { signal });
      await runCheck(both, check);
    }
  };
  try {
    await Promise.race([wait(both), count()]);
  } finally {
    decided.abort();
  }
}

function untilPasses(request: ReadinessRequest, check: HealthTest): Promise<void> {
  const passes = async () => (await runCheck(request, check)) === 0;
  return untilHolds(check.intervalMs, request.signal, passes);
}

async function untilHolds(
  capMs: number,
  signal: AbortSignal,
  holds: () => Promise<boolean>,
): Promise<void> {
  const beganAt = performance.now();
  for (;;) {
    const probeBeganAt = performance.now();
    if (await holds()) return;
    const now = performance.now();
    await rest(now - probeBeganAt, now - beganAt, capMs, signal);
  }
}

/** Runs the check once and has it counted. Its exit code, undefined when nothing came of it. Throws CheckFailure. */
async function runCheck(
  {
    engine,
    container,
    signal,
    findings,
  }: Pick<ReadinessRequest, "engine" | "container" | "signal" | "findings">,
  check: HealthTest,
): Promise<number | undefined> {
  const history = findings?.history;
  const result = await execute(engine, container.id, check, signal);
  const endedAtMs = performance.now();
  if (result === "impossible") history?.skip(endedAtMs);
  if (result === "impossible" || result === "unknown") return undefined;
  history?.add({ ...result, beganAtMs: endedAtMs - result.durationMs, endedAtMs });
  if (history?.unhealthyAtMs === undefined) return result.exitCode;
  await delay(Math.max(0, history.unhealthyAtMs - endedAtMs), undefined, { signal });
  throw new CheckFailure("The health check fails.");
}

/** “impossible” when the engine could not run it either; “unknown” when only we do not know. */
async function execute(
  engine: EngineClient,
  id: string,
  { command, timeoutMs }: HealthTest,
  signal: AbortSignal,
): Promise<ExecResult | "impossible" | "unknown"> {
  try {
    return await engine.exec(id, command, timeoutMs, signal);
  } catch (error) {
    signal.throwIfAborted();
    const status = engineStatus(error);
    // What cannot be run at all, and what does not end, are answers of their own.
    if (status === 400) return { exitCode: 127, output: String(error), durationMs: 0 };
    // Gone, paused, or between two attempts.
    if (status === 404 || status === 409) return "impossible";
    if (!(error instanceof RealServicesError) || error.code !== "REAL_SERVICES_TIMEOUT") {
      return "unknown";
    }
    const state = await engine.inspectContainer(id, signal).then(
      (container) => container.state,
      () => undefined,
    );
    if (state === undefined) return "unknown";
    return state === "running"
      ? { exitCode: -1, output: error.message, durationMs: timeoutMs }
      : "impossible";
  }
}

async function untilPortAnswers(
  { host, kind, user, signal, findings }: ReadinessRequest,
  port: EnginePort,
): Promise<void> {
  const words =
    kind !== undefined && port.containerPort === kind.port
      ? conversation(kind.greeting, user)
      : undefined;
  const beganAt = performance.now();
  findings?.closedPorts.add(port.containerPort);
  while (!(await portAnswers(host, port.hostPort, words, signal))) {
    signal.throwIfAborted();
    await rest(0, performance.now() - beganAt, PORT_CAP_MS, signal);
  }
  findings?.closedPorts.delete(port.containerPort);
}

async function rest(
  costMs: number,
  waitedMs: number,
  capMs: number,
  signal: AbortSignal,
): Promise<void> {
  await delay(nextProbeMs({ costMs, waitedMs, capMs }), undefined, { signal });
}

import type { WaitStrategy } from "testcontainers";
import type { EngineClient } from "../../engine/client.ts";
import type { ContainerDetails } from "../../engine/engine-shapes.ts";

/** A strategy of the user's has given up: its message says on what. */
export class WaitFailure extends Error {
  override readonly name = "WaitFailure";
}

export interface WaitRequest {
  readonly engine: EngineClient;
  readonly container: ContainerDetails;
  /** Where its published ports are reached. */
  readonly host: string;
  /** Given to a strategy that has no time-out of its own, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Waits as testcontainers would. A strategy cannot be ended from outside: when the signal fires, its
 * outcome is not waited for any more. Throws `WaitFailure` when it gives up.
 */
export async function untilStrategy(strategy: WaitStrategy, request: WaitRequest): Promise<void> {
  const { engine, container, timeoutMs, signal } = request;
  const { BoundPorts } = await import("testcontainers");
  await sayWhere(request.host);
  const ports = new BoundPorts();
  for (const { containerPort, protocol, hostPort } of container.ports) {
    ports.setBinding(containerPort, hostPort, protocol);
  }
  if (!strategy.isStartupTimeoutSet()) strategy.withStartupTimeout(timeoutMs);
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const startedAt = new Date(container.startedAt);
    const asked = await engine.dockerodeContainer(container.id);
    const ready = strategy.waitUntilReady(asked, ports, startedAt);
    await Promise.race([ready, aborted.promise]);
  } catch (error) {
    signal.throwIfAborted();
    throw new WaitFailure(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

const HOST_VARIABLE = "TESTCONTAINERS_HOST_OVERRIDE";

/**
 * Strategies ask testcontainers' own client where published ports are reached, which reads it once,
 * and inside a container takes the gateway, where ports published on loopback are not.
 */
async function sayWhere(host: string): Promise<void> {
  const { getContainerRuntimeClient } = await import("testcontainers");
  if (process.env[HOST_VARIABLE] !== undefined) return;
  process.env[HOST_VARIABLE] = host;
  try {
    await getContainerRuntimeClient();
  } finally {
    delete process.env[HOST_VARIABLE];
  }
}

import { setTimeout as delay } from "node:timers/promises";
import type { ConnectedEngine } from "../engine/connect.ts";
import { RealServicesError } from "../errors.ts";
import type { LifecycleListener } from "../events.ts";
import { writeOwner } from "../ownership/owner.ts";
import { readOwnIdentity } from "../ownership/process-identity.ts";
import type { Settings } from "../settings.ts";
import { LABEL, OPTIONAL_LABEL } from "../stack/labels.ts";
import { admit, type MemoryHolder } from "./memory-decision.ts";
import { TicketFile } from "./memory-ticket.ts";

export interface MemoryRequest {
  readonly engine: ConnectedEngine;
  readonly settings: Settings;
  readonly id: string;
  readonly environment: string;
  /** What all containers may use together, in bytes. */
  readonly bytes: number;
  readonly emit: LifecycleListener;
  /** Removes what the dead still hold. */
  readonly sweep: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Room comes when others release; they are other processes, and no event of ours tells. */
const POLL_MS = 250;
/** Who is waited for may die, or its lease run out, and nobody else come to sweep. */
const SWEEP_EVERY_MS = 10_000;

/**
 * Waits until the engine has room for an environment, first come, first served among the processes
 * of this user on this host. Returns the function that gives the place back: once the containers
 * exist they are counted themselves. Throws REAL_SERVICES_NO_MEMORY.
 */
export async function awaitMemory(request: MemoryRequest): Promise<() => void> {
  const { settings, bytes, signal } = request;
  if (settings.memoryQueue === "off" || bytes === 0) return () => {};
  const { id, environment, engine } = request;
  const owner = writeOwner(await readOwnIdentity());
  const ticket = new TicketFile({ id, environment, bytes }, engine.client.endpoint.url, owner);
  try {
    await untilAdmitted(request, ticket);
    signal.throwIfAborted();
    return () => ticket.remove();
  } catch (error) {
    ticket.remove();
    // A timer that was cut short does not say why.
    signal.throwIfAborted();
    throw error;
  }
}

async function untilAdmitted(request: MemoryRequest, ticket: TicketFile): Promise<void> {
  const { engine, environment, bytes, settings, emit, signal } = request;
  const capacity = engine.memoryBytes;
  const beganAt = Date.now();
  let nextSweepAt = beganAt;
  let hasTold = false;
  for (;;) {
    // Tickets first: whoever gives his back in between has containers by then.
    const tickets = await ticket.readAll();
    const admission = admit(request.id, tickets, await heldMemory(request), capacity);
    if (admission.is === "admitted") return ticket.markAdmitted();
    if (Date.now() >= nextSweepAt) {
      // Nobody waits for the dead: looked at again before anything is said of it.
      await request.sweep();
      nextSweepAt = Date.now() + SWEEP_EVERY_MS;
      continue;
    }
    const { free, holders } = admission;
    if (settings.memoryQueue === "refuse" || Date.now() - beganAt > settings.memoryTimeoutMs) {
      throw noMemory(request, free, holders);
    }
    if (!hasTold) emit({ type: "memory:waiting", environment, bytes, free, capacity, holders });
    hasTold = true;
    await delay(POLL_MS, undefined, { signal });
  }
}

/** By environment id, those whose owners are gone included: they use it until they are swept. */
async function heldMemory({ engine, signal }: MemoryRequest): Promise<Map<string, MemoryHolder>> {
  const held = new Map<string, MemoryHolder>();
  for (const { labels } of await engine.client.listContainers([LABEL.id], signal)) {
    const id = labels[LABEL.id] ?? "";
    const bytes = (held.get(id)?.bytes ?? 0) + Number(labels[OPTIONAL_LABEL.memory] ?? 0);
    held.set(id, { environment: labels[LABEL.environment] ?? id, bytes });
  }
  return held;
}

function noMemory(
  { environment, bytes, engine }: MemoryRequest,
  free: number,
  holders: readonly MemoryHolder[],
): RealServicesError {
  const amount = (value: number) => `${Math.round(value / 1024 ** 2)} MiB`;
  const by = holders.map((one) => `${one.environment} ${amount(one.bytes)}`).join(", ");
  return new RealServicesError(
    "REAL_SERVICES_NO_MEMORY",
    `${environment} may use ${amount(bytes)}, and of the engine's ${amount(engine.memoryBytes)} only ${amount(free)} are free${by === "" ? "" : `: ${by}`}.`,
    {
      received: bytes,
      hint: "Release an environment, lower the memory limits, or set `memoryQueue` to “off”.",
    },
  );
}

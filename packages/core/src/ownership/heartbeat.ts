import type { EngineClient } from "../engine/client.ts";
import type { EngineConnection } from "../engine/endpoint.ts";
import type { EnvironmentLabels } from "../stack/labels.ts";
import { renewLease } from "./lease.ts";
import type { ProcessOwner } from "./owner.ts";

/** Longer than a laptop's lid is closed over lunch: whoever does not hear of an owner takes it for dead. */
const HEARTBEAT_MS = 4 * 3_600_000;
const PERIOD_MS = 15 * 60_000;

/** The number of the first namespace is a constant of the kernel: `PROC_PID_INIT_INO`. */
const FIRST_NAMESPACE = "pid:[4026531836]";

/**
 * Whether all who share the engine can tell if this owner is alive. On another machine, and outside
 * of its container, its pid means nothing.
 */
export function isSeenByAll(owner: ProcessOwner, { host }: EngineConnection): boolean {
  const isRemote = host !== undefined && host !== "localhost" && host !== "127.0.0.1";
  return !isRemote && ["", FIRST_NAMESPACE].includes(owner.pidNamespace);
}

/**
 * Whether an owner with the id and the name of this machine may live on a copy of it: until it was
 * to be heard of again, and while it should say something on this engine and has not begun to.
 * @param heartbeats until when it was to be heard of, in milliseconds, as is `now`
 */
export function mayBeClone(
  owner: ProcessOwner,
  connection: EngineConnection,
  heartbeats: readonly number[],
  now: number,
): boolean {
  return heartbeats.length === 0
    ? !isSeenByAll(owner, connection)
    : heartbeats.some((until) => until > now);
}

/**
 * Says on the engine that an owner lives, until it is stopped. A beat that fails is made up for by
 * the next: a dozen fit into one deadline. Once stopping has resolved, nothing more is written.
 */
export function startHeartbeat(
  engine: EngineClient,
  labels: EnvironmentLabels,
  clockOffsetMs: number,
  { heartbeatMs = HEARTBEAT_MS, periodMs = PERIOD_MS } = {},
): () => Promise<void> {
  const stopped = new AbortController();
  let last = Promise.resolve();
  const beat = () => {
    const untilMs = Date.now() + clockOffsetMs + heartbeatMs;
    last = renewLease(engine, labels, untilMs, "heartbeatUntil", stopped.signal).then(
      () => {},
      () => {},
    );
  };
  beat();
  const timer = setInterval(beat, periodMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    stopped.abort();
    return last;
  };
}

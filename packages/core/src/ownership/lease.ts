import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { EngineClient } from "../engine/client.ts";
import type { VolumeSummary } from "../engine/engine-shapes.ts";
import {
  type EnvironmentLabels,
  OPTIONAL_LABEL,
  readLabels,
  writeLabels,
} from "../stack/labels.ts";

/** Who a deadline speaks for: a lease for itself, a heartbeat for a process that nobody else can see. */
export type Renewal = "leaseUntil" | "heartbeatUntil";

/**
 * Labels cannot be changed, so a lease is renewed by an empty volume whose label carries the new
 * deadline. It lives where the environment lives: every host and user of the engine sees it, and
 * it goes with the environment. The latest deadline counts, so two renewals at once do no harm.
 * @param signal ends it only before it has begun to write: the engine finishes what it was asked for
 */
export async function renewLease(
  engine: EngineClient,
  labels: EnvironmentLabels,
  untilMs: number,
  renewal: Renewal = "leaseUntil",
  signal?: AbortSignal,
): Promise<string> {
  const until = new Date(untilMs).toISOString();
  const label = OPTIONAL_LABEL[renewal];
  const word = renewal === "leaseUntil" ? "lease" : "heartbeat";
  const name = `${labels.environment}_${word}-${randomUUID().slice(0, 8)}`;
  const all = await engine.listVolumes(label, signal);
  const older = all.filter((volume) => isDeepStrictEqual(readLabels(volume.labels), labels));
  signal?.throwIfAborted();
  await engine.createVolume(name, { ...writeLabels(labels), [label]: until });
  await Promise.all(older.map((volume) => engine.removeVolume(volume.name)));
  return until;
}

/** The deadline that a volume carries, in milliseconds since the epoch; undefined for other volumes. */
export function leaseDeadline(
  volume: VolumeSummary,
  renewal: Renewal = "leaseUntil",
): number | undefined {
  const deadline = Date.parse(volume.labels[OPTIONAL_LABEL[renewal]] ?? "");
  return Number.isNaN(deadline) ? undefined : deadline;
}

import { randomUUID } from "node:crypto";
import type { EngineClient, VolumeSummary } from "../engine/client.ts";
import {
  type EnvironmentLabels,
  OPTIONAL_LABEL,
  readLabels,
  writeLabels,
} from "../stack/labels.ts";

/**
 * Labels cannot be changed, so a lease is renewed by an empty volume whose label carries the new
 * deadline. It lives where the environment lives: every host and user of the engine sees it, and
 * it goes with the environment. The latest deadline counts, so two renewals at once do no harm.
 */
export async function renewLease(
  engine: EngineClient,
  labels: EnvironmentLabels,
  untilMs: number,
): Promise<string> {
  const until = new Date(untilMs).toISOString();
  const name = `${labels.environment}_lease-${randomUUID().slice(0, 8)}`;
  const older = await leaseVolumes(engine, labels);
  await engine.createVolume(name, {
    ...writeLabels(labels),
    [OPTIONAL_LABEL.leaseUntil]: until,
  });
  await Promise.all(older.map((volume) => engine.removeVolume(volume.name)));
  return until;
}

/** The deadline that a volume carries, in milliseconds since the epoch; undefined for other volumes. */
export function leaseDeadline(volume: VolumeSummary): number | undefined {
  const deadline = Date.parse(volume.labels[OPTIONAL_LABEL.leaseUntil] ?? "");
  return Number.isNaN(deadline) ? undefined : deadline;
}

async function leaseVolumes(
  engine: EngineClient,
  labels: EnvironmentLabels,
): Promise<VolumeSummary[]> {
  const volumes = await engine.listVolumes(OPTIONAL_LABEL.leaseUntil);
  return volumes.filter((volume) => readLabels(volume.labels)?.id === labels.id);
}

import type { EngineClient } from "../engine/client.ts";
import type { ContainerSummary, NetworkSummary, VolumeSummary } from "../engine/engine-shapes.ts";
import { type EnvironmentLabels, LABEL, readLabels } from "../stack/labels.ts";
import { leaseDeadline } from "./lease.ts";
import type { RemovedCounts } from "./remove-environment.ts";

/** All that one environment has on the engine. */
export interface Inventory {
  readonly labels: EnvironmentLabels;
  readonly containers: readonly ContainerSummary[];
  readonly networks: readonly NetworkSummary[];
  readonly volumes: readonly VolumeSummary[];
}

/** For people: the volumes that only carry a deadline are our own notes, not theirs. */
export function countInventory({ containers, networks, volumes }: Inventory): RemovedCounts {
  const isNote = (volume: VolumeSummary) =>
    leaseDeadline(volume) !== undefined || leaseDeadline(volume, "heartbeatUntil") !== undefined;
  return {
    containers: containers.length,
    networks: networks.length,
    volumes: volumes.filter((volume) => !isNote(volume)).length,
  };
}

/** Everything on the engine that carries all of our labels, by environment. */
export async function takeInventory(
  engine: EngineClient,
  signal?: AbortSignal,
): Promise<Inventory[]> {
  const [containers, networks, volumes] = await Promise.all([
    engine.listContainers([LABEL.id], signal),
    engine.listNetworks(signal),
    engine.listVolumes(LABEL.id, signal),
  ]);
  const found = new Map<string, MutableInventory>();
  const place = (raw: Readonly<Record<string, string>>): MutableInventory | undefined => {
    const labels = readLabels(raw);
    if (labels === undefined) return undefined;
    // All of the labels make the key: a stranger who copied some of an id gets a place of his own.
    const key = JSON.stringify(labels);
    const known = found.get(key) ?? { labels, containers: [], networks: [], volumes: [] };
    found.set(key, known);
    return known;
  };
  for (const container of containers) place(container.labels)?.containers.push(container);
  for (const network of networks) place(network.labels)?.networks.push(network);
  for (const volume of volumes) place(volume.labels)?.volumes.push(volume);
  return [...found.values()];
}

interface MutableInventory {
  readonly labels: EnvironmentLabels;
  readonly containers: ContainerSummary[];
  readonly networks: NetworkSummary[];
  readonly volumes: VolumeSummary[];
}

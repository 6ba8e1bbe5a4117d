import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { EngineClient } from "../engine/client.ts";
import { engineStatus } from "../engine/engine-status.ts";
import { RealServicesError } from "../errors.ts";
import { type EnvironmentLabels, LABEL, readLabels } from "../stack/labels.ts";

export interface RemovedCounts {
  readonly containers: number;
  readonly networks: number;
  readonly volumes: number;
}

/** How long a container or network that is in the middle of going may take. */
const GONE_MS = 20_000;
/** Our own endpoints leave with their containers; what is still there then is somebody else's. */
const ENDPOINTS_MS = 2_000;
const RETRY_MS = 50;

/**
 * Kills and removes all that carries every one of this environment's labels, by full engine id,
 * after reading them once more: a stranger who copied some of them, or all but the owner, is not
 * touched by what was decided for this one. Containers at the same time, then networks and volumes at the same time. May
 * run twice at once. Throws REAL_SERVICES_RELEASE_INCOMPLETE with what is left.
 */
export async function removeEnvironment(
  engine: EngineClient,
  labels: EnvironmentLabels,
  signal?: AbortSignal,
): Promise<RemovedCounts> {
  const label = `${LABEL.id}=${labels.id}`;
  const isOurs = (raw: Readonly<Record<string, string>>) =>
    isDeepStrictEqual(readLabels(raw), labels);
  const failures: unknown[] = [];
  const attempt = (removal: () => Promise<void>) =>
    untilGone(removal, signal).catch((error) => void failures.push(error));

  // Listed together: one round trip, and nothing new can join a network whose containers are listed.
  const [containers, networks, volumes] = await Promise.all([
    engine.listContainers([label], signal),
    engine.listNetworks(signal),
    engine.listVolumes(label, signal),
  ]);
  const ours = {
    containers: containers.filter((item) => isOurs(item.labels)),
    networks: networks.filter((item) => isOurs(item.labels)),
    volumes: volumes.filter((item) => isOurs(item.labels)),
  };
  await Promise.all(
    ours.containers.map((item) => attempt(() => engine.removeContainer(item.id, signal))),
  );
  await Promise.all([
    ...ours.networks.map((item) => attempt(() => engine.removeNetwork(item.id, signal))),
    ...ours.volumes.map((item) => attempt(() => engine.removeVolume(item.name, signal))),
  ]);
  signal?.throwIfAborted();
  if (failures.length > 0) {
    const said = failures.map((error) => (error instanceof Error ? error.message : String(error)));
    throw new RealServicesError(
      "REAL_SERVICES_RELEASE_INCOMPLETE",
      `Not all of ${labels.environment} could be removed: ${said.join("; ")}`,
      { cause: failures[0], hint: "Run `npx docker-manual clean` to try again." },
    );
  }
  return {
    containers: ours.containers.length,
    networks: ours.networks.length,
    volumes: ours.volumes.length,
  };
}

/**
 * 409 means “in the middle of being removed”, or “still in use” by what is being removed: asked
 * again until it is gone, for a bounded time.
 */
async function untilGone(removal: () => Promise<void>, signal?: AbortSignal): Promise<void> {
  const began = Date.now();
  for (;;) {
    try {
      return await removal();
    } catch (error) {
      const patience = patienceFor(error);
      if (patience === undefined || Date.now() - began > patience) throw error;
    }
    await delay(RETRY_MS, undefined, signal === undefined ? {} : { signal });
  }
}

function patienceFor(error: unknown): number | undefined {
  if (/has active endpoints/.test(String(error))) return ENDPOINTS_MS;
  return engineStatus(error) === 409 ? GONE_MS : undefined;
}

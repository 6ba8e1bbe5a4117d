import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { EngineClient } from "../engine/client.ts";
import type { ContainerSummary, NetworkSummary, VolumeSummary } from "../engine/engine-shapes.ts";
import { engineStatus } from "../engine/engine-status.ts";
import { RealServicesError } from "../errors.ts";
import { type EnvironmentLabels, LABEL, readLabels } from "../stack/labels.ts";
import { leaseDeadline } from "./lease.ts";

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

/** All that one environment has on the engine, as it was read a moment ago. */
interface Belongings {
  readonly containers: readonly ContainerSummary[];
  readonly networks: readonly NetworkSummary[];
  readonly volumes: readonly VolumeSummary[];
}

/**
 * Kills and removes all that carries every one of this environment's labels, by full engine id,
 * after reading them once more: a stranger who copied some of them, or all but the owner, is not
 * touched by what was decided for this one. Containers at the same time, then networks and volumes
 * at the same time. May run twice at once. Throws REAL_SERVICES_RELEASE_INCOMPLETE with what is left.
 */
export async function removeEnvironment(
  engine: EngineClient,
  labels: EnvironmentLabels,
  signal?: AbortSignal,
): Promise<RemovedCounts> {
  return removeBelongings(engine, labels, await listBelongings(engine, labels, signal), signal);
}

/**
 * As `removeEnvironment`, on behalf of somebody who judged it an orphan: looks for a lease once
 * more, since it may have been renewed meanwhile. @param now milliseconds, by the engine's clock
 * @returns when its lease ends, in milliseconds, instead of removing anything
 */
export async function removeUnlessLeased(
  engine: EngineClient,
  labels: EnvironmentLabels,
  now: number,
  signal?: AbortSignal,
): Promise<RemovedCounts | { readonly leasedUntil: number }> {
  const found = await listBelongings(engine, labels, signal);
  const leasedUntil = Math.max(0, ...found.volumes.flatMap((item) => leaseDeadline(item) ?? []));
  if (leasedUntil > now) return { leasedUntil };
  return removeBelongings(engine, labels, found, signal);
}

/**
 * Labels of an id never change, so what was listed with them can be removed by its id. Listed
 * together: one round trip, and nothing new can join a network whose containers are listed.
 */
async function listBelongings(
  engine: EngineClient,
  labels: EnvironmentLabels,
  signal: AbortSignal | undefined,
): Promise<Belongings> {
  const label = `${LABEL.id}=${labels.id}`;
  const isOurs = (item: { readonly labels: Readonly<Record<string, string>> }) =>
    isDeepStrictEqual(readLabels(item.labels), labels);
  const [containers, networks, volumes] = await Promise.all([
    engine.listContainers([label], signal),
    engine.listNetworks(signal),
    engine.listVolumes(label, signal),
  ]).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw incomplete(labels, [error], engine.endpoint.url);
  });
  return {
    containers: containers.filter(isOurs),
    networks: networks.filter(isOurs),
    volumes: volumes.filter(isOurs),
  };
}

async function removeBelongings(
  engine: EngineClient,
  labels: EnvironmentLabels,
  { containers, networks, volumes }: Belongings,
  signal: AbortSignal | undefined,
): Promise<RemovedCounts> {
  const failures: unknown[] = [];
  const attempt = (removal: () => Promise<void>) =>
    untilGone(removal, signal).catch((error) => void failures.push(error));
  await Promise.all(
    containers.map((item) => attempt(() => engine.removeContainer(item.id, signal))),
  );
  const late = lateVolumes(labels, containers, volumes);
  await Promise.all([
    ...networks.map((item) => attempt(() => engine.removeNetwork(item.id, signal))),
    ...volumes.map((item) => attempt(() => engine.removeVolume(item.name, signal))),
    ...late.map((name) => attempt(() => removeLate(engine, name, labels, signal))),
  ]);
  signal?.throwIfAborted();
  if (failures.length > 0) {
    throw incomplete(labels, failures, engine.endpoint.url);
  }
  return {
    containers: containers.length,
    networks: networks.length,
    volumes: volumes.length,
  };
}

/** What the engine calls a volume that nobody gave a name. */
const ANONYMOUS = /^[0-9a-f]{64}$/;
const ANONYMOUS_LABEL = "com.docker.volume.anonymous";

/**
 * A Compose that goes on while its environment is removed has containers made whose volumes are gone
 * already. The engine then makes such a volume anew, without any label: it is known by its name,
 * which only this environment gives, and by the container of ours that has it. Anonymous volumes go
 * with their container, unless it was about to start in that moment.
 */
function lateVolumes(
  { environment }: EnvironmentLabels,
  containers: readonly ContainerSummary[],
  volumes: readonly VolumeSummary[],
): string[] {
  const listed = new Set(volumes.map(({ name }) => name));
  const mounted = new Set(containers.flatMap((container) => container.volumes));
  return [...mounted].filter(
    (name) => !listed.has(name) && (name.startsWith(`${environment}_`) || ANONYMOUS.test(name)),
  );
}

/** Never what was there before: an external volume may look like an anonymous one. */
async function removeLate(
  engine: EngineClient,
  name: string,
  { created }: EnvironmentLabels,
  signal: AbortSignal | undefined,
): Promise<void> {
  const volume = await engine.inspectVolume(name, signal);
  if (volume === undefined) return;
  // Whoever labels a volume has made it himself.
  if (Object.keys(volume.labels).some((label) => label !== ANONYMOUS_LABEL)) return;
  // The engine tells it in whole seconds: in the same one it may have been there before.
  if (ANONYMOUS.test(name) && !(volume.createdAt > Date.parse(created))) return;
  await engine.removeVolume(name, signal);
}

function incomplete(
  { environment }: EnvironmentLabels,
  failures: readonly unknown[],
  url: string,
): RealServicesError {
  const said = failures.map((error) => (error instanceof Error ? error.message : String(error)));
  return new RealServicesError(
    "REAL_SERVICES_RELEASE_INCOMPLETE",
    `Not all of ${environment} could be removed: ${said.join("; ")}`,
    {
      received: url,
      cause: failures[0],
      hint: "Run `npx docker-manual clean` to try again.",
    },
  );
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

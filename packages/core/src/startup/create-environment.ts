import { randomBytes } from "node:crypto";
import { imageOf } from "../engine/compose-images.ts";
import type { ConnectedEngine } from "../engine/connect.ts";
import { readEngineNames } from "../engine/engine-names.ts";
import type { ContainerSummary } from "../engine/engine-shapes.ts";
import { ensureImages } from "../engine/images.ts";
import { findReachableHost, type ReachableHost } from "../engine/reachable-host.ts";
import type { ResolvedStack } from "../engine/resolve-stack.ts";
import { RealServicesError } from "../errors.ts";
import type { LifecycleListener } from "../events.ts";
import { type Owner, writeOwner } from "../ownership/owner.ts";
import { readOwnIdentity } from "../ownership/process-identity.ts";
import { removeEnvironment } from "../ownership/remove-environment.ts";
import { leasePorts, type PortLeases } from "../ports/port-leases.ts";
import type { Settings } from "../settings.ts";
import { calmCheck } from "../stack/calm-check.ts";
import { environmentName } from "../stack/environment-name.ts";
import { isolate } from "../stack/isolate.ts";
import { networkSlots } from "../stack/isolate-networks.ts";
import { portSlots } from "../stack/isolate-ports.ts";
import { type EnvironmentLabels, LABEL, OPTIONAL_LABEL, writeLabels } from "../stack/labels.ts";
import { memoryNeed } from "../stack/memory.ts";
import type { ComposeModel } from "../stack/model.ts";
import { refuseUnisolable, usersOfNetwork } from "../stack/shared-state.ts";
import { pickSubnets, randomSubnet6 } from "../stack/subnets.ts";
import { composeCreate } from "./compose-create.ts";
import { awaitMemory } from "./memory-queue.ts";
import { startNodes } from "./start-nodes.ts";
import { awaitFirewall, FIREWALL_ATTEMPTS } from "./xtables-lock.ts";

export interface CreateRequest {
  readonly engine: ConnectedEngine;
  readonly stack: ResolvedStack;
  readonly settings: Settings;
  readonly emit: LifecycleListener;
  /** Told as soon as the name is known, so that whatever happens next can be cleaned up. */
  readonly onNamed: (labels: EnvironmentLabels) => void;
  /** Removes what the dead still hold; called when something else would have to be waited for or refused. */
  readonly sweep: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** An environment whose containers exist, none of them started. */
export interface CreatedEnvironment {
  readonly labels: EnvironmentLabels;
  /** The stack before isolation. */
  readonly original: ComposeModel;
  /** The isolated model, as Compose was given it. */
  readonly model: ComposeModel;
  readonly projectFolder: string;
  /** What configs and secrets are made of that come from variables. */
  readonly variables: Readonly<Record<string, string>>;
  readonly leases: PortLeases;
  /** By which name this process reaches the published ports. */
  readonly host: string;
  /** By service, as listed right after creation. */
  readonly containers: ReadonlyMap<string, readonly ContainerSummary[]>;
}

/** The first engine that knows `start_interval`; Compose refuses to write it for an older one. */
const START_INTERVAL_ENGINE = 25;
/** Named, transient conflicts are worked around; a third one in a row is no accident. */
const MAX_ATTEMPTS = 3;

/** Leases ports, picks subnets, isolates the stack and lets Compose create it. Leaves nothing when it throws. */
export async function createEnvironment(request: CreateRequest): Promise<CreatedEnvironment> {
  const { engine, stack, settings, emit, signal } = request;
  const { client } = engine;
  refuseUnisolable(stack.model, await readEngineNames(client, stack.model, signal));
  let labels = await nameEnvironment(request);

  const unwanted = new AbortController();
  const images = ensureImages({
    engine: client,
    model: stack.model,
    projectFolder: stack.projectFolder,
    settings,
    environment: labels.environment,
    emit,
    signal: AbortSignal.any([signal, unwanted.signal]),
  });
  // Only in case the leases fail first; whoever awaits the images still gets their failure.
  images.catch(() => {});
  const host = await findReachableHost(client, settings, signal);
  const bytes = memoryNeed(stack.model, settings.memory);
  const [memory, leased] = await Promise.allSettled([
    awaitMemory({ ...request, id: labels.id, environment: labels.environment, bytes }),
    withoutTheDead(request, () => lease(request, host)),
  ]);
  const giveBack = () => {
    if (memory.status === "fulfilled") memory.value();
    if (leased.status === "fulfilled") leased.value.release();
  };
  if (memory.status === "rejected" || leased.status === "rejected") {
    giveBack();
    const reasons = [memory, leased].flatMap((one) =>
      one.status === "rejected" ? [one.reason] : [],
    );
    // Nobody waits for a pull or a build any more.
    unwanted.abort(reasons[0]);
    throw reasons[0];
  }
  const leases = leased.value;
  try {
    const original = stack.model;
    await images;
    for (let attempt = 1; ; attempt += 1) {
      const model = await isolateOnce(request, original, labels, host, leases, attempt === 1);
      const { projectFolder, variables } = stack;
      const name = labels.environment;
      const conflict = await composeCreate({
        engine,
        settings,
        signal,
        name,
        model,
        projectFolder,
      });
      if (conflict === undefined) {
        const containers = await listByService(request, labels.id);
        memory.value();
        const own = { labels, original, model, projectFolder, variables };
        return { ...own, leases, host: host.host, containers };
      }
      const { kind, said } = conflict;
      if (attempt >= (kind === "firewall" ? FIREWALL_ATTEMPTS : MAX_ATTEMPTS)) {
        throw lastingConflict(said);
      }
      emit({ type: "conflict", environment: name, message: said, attempt });
      await removeEnvironment(client, labels, signal);
      if (kind === "firewall") await awaitFirewall(attempt, signal);
      if (kind === "name") labels = await nameEnvironment(request, name);
    }
  } catch (error) {
    giveBack();
    throw error;
  }
}

/** A name that nobody has, as far as chance goes; told, together with what belongs to it. */
async function nameEnvironment(
  request: CreateRequest,
  replaces?: string,
): Promise<EnvironmentLabels> {
  const { stack, settings, emit, onNamed } = request;
  const id = randomBytes(8).toString("hex");
  const prefix = settings.name ?? stack.model.name ?? "stack";
  const environment = environmentName({ prefix, shard: settings.shard, id });
  const labels = await newLabels(request, environment, id);
  onNamed(labels);
  const services = Object.keys(stack.model.services);
  const again = replaces === undefined ? {} : { replaces };
  emit({ type: "services:planned", environment, services, ...again });
  return labels;
}

/** The environment's containers by service, each service's in the order of their names. */
export async function listByService(
  { engine, signal }: Pick<CreateRequest, "engine" | "signal">,
  id: string,
): Promise<ReadonlyMap<string, readonly ContainerSummary[]>> {
  const containers = await engine.client.listContainers([`${LABEL.id}=${id}`], signal);
  return Map.groupBy(
    containers.toSorted((a, b) => a.name.localeCompare(b.name)),
    (container) => container.labels[OPTIONAL_LABEL.service] ?? "",
  );
}

async function newLabels(
  { engine, settings, stack }: CreateRequest,
  environment: string,
  id: string,
): Promise<EnvironmentLabels> {
  const now = Date.now() + engine.clockOffsetMs;
  const owner: Owner =
    settings.leaseMs === undefined
      ? await readOwnIdentity()
      : { kind: "lease", until: new Date(now + settings.leaseMs).toISOString() };
  return {
    environment,
    id,
    kind: settings.kind,
    owner: writeOwner(owner),
    stack: stack.hash,
    created: new Date(now).toISOString(),
  };
}

const EXHAUSTIONS: readonly unknown[] = ["REAL_SERVICES_PORTS_EXHAUSTED", "REAL_SERVICES_CONFLICT"];

/** Nobody is refused for what only the dead hold: it is tried once more after a sweep. */
async function withoutTheDead<T>(
  { sweep, signal }: Pick<CreateRequest, "sweep" | "signal">,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof RealServicesError && EXHAUSTIONS.includes(error.code))) throw error;
  }
  await sweep();
  signal.throwIfAborted();
  return attempt();
}

async function lease(
  { engine, stack, settings, signal }: CreateRequest,
  host: ReachableHost,
): Promise<PortLeases> {
  const slots = portSlots(stack.model, settings.publish);
  // Where no probe of ours can tell, the engine's own list of published ports has to.
  const containers =
    host.isLocal || slots.length === 0 ? [] : await engine.client.listContainers([], signal);
  return leasePorts({
    counts: slots.map(({ count }) => count),
    purposes: slots.map(({ service, target }) => `service “${service}” (${target})`),
    address: host.bindAddress,
    canProbe: host.isLocal,
    avoid: new Set(containers.flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort))),
  });
}

async function isolateOnce(
  request: CreateRequest,
  original: ComposeModel,
  labels: EnvironmentLabels,
  host: ReachableHost,
  leases: PortLeases,
  isFirst: boolean,
): Promise<ComposeModel> {
  const { settings, emit } = request;
  const { shard } = settings;
  const { model, warnings } = isolate(original, {
    project: labels.environment,
    labels: writeLabels(labels, shard === undefined ? undefined : `${shard.index}/${shard.count}`),
    hostPorts: leases.blocks,
    subnets: await withoutTheDead(request, () => freeSubnets(request, original)),
    bindAddress: host.bindAddress,
    publish: settings.publish,
    memory: settings.memory,
    hostAccess: settings.hostAccess,
    calm: await findCalm(request, original),
  });
  for (const warning of isFirst ? warnings : []) {
    emit({ type: "warning", environment: labels.environment, ...warning });
  }
  return model;
}

/** The services whose readiness depends on their own check alone, as the file has it. */
async function findCalm(
  { engine, settings, signal }: CreateRequest,
  model: ComposeModel,
): Promise<ReadonlySet<string>> {
  if (!(Number.parseInt(engine.version, 10) >= START_INTERVAL_ENGINE)) return new Set();
  const candidates = startNodes(model).filter(({ service, mustComplete }) => {
    const definition = model.services[service];
    const isOurs = !mustComplete && settings.waitFor[service] === undefined;
    return isOurs && definition !== undefined && calmCheck(definition) !== undefined;
  });
  const images = await Promise.all(
    candidates.map(({ service }) => engine.client.inspectImage(imageOf(model, service), signal)),
  );
  // What the file leaves out of its check, an image that has one fills in.
  const calm = candidates.filter((_, index) => images[index]?.hasCheck === false);
  return new Set(calm.map(({ service }) => service));
}

async function freeSubnets(
  { engine, signal }: CreateRequest,
  model: ComposeModel,
): Promise<string[]> {
  const slots = networkSlots(model);
  const wanted = slots.filter(({ family }) => family === "ipv4");
  if (slots.length === 0) return [];
  const networks = await engine.client.listNetworks(signal);
  const used = networks.flatMap((network) => network.subnets);
  const prefixes = wanted.map(({ prefix }) => prefix);
  const picked = pickSubnets(prefixes, used, Math.random())?.values();
  if (picked === undefined) {
    throw new RealServicesError(
      "REAL_SERVICES_CONFLICT",
      `No free subnet is left for ${wanted.map(({ network }) => `network ${network}${usedBy(model, network)}`).join(", ")}.`,
      {
        received: prefixes.map((prefix) => `/${prefix}`),
        hint: "Remove networks that nobody uses: `docker network ls` shows them, `npx docker-manual clean` removes orphans.",
      },
    );
  }
  return slots.map(({ family, prefix }) =>
    family === "ipv4" ? (picked.next().value ?? "") : randomSubnet6(prefix, Math.random),
  );
}

function usedBy(model: ComposeModel, network: string): string {
  const users = usersOfNetwork(model, network).map((service) => `“${service}”`);
  return users.length === 0 ? "" : ` (of ${users.join(", ")})`;
}

function lastingConflict(conflict: string): RealServicesError {
  return new RealServicesError("REAL_SERVICES_CONFLICT", conflict, {
    received: conflict,
    hint: "`npx docker-manual status` shows what is on the engine.",
  });
}

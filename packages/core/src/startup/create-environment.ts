import { randomBytes } from "node:crypto";
import type { ContainerSummary } from "../engine/client.ts";
import { runCompose } from "../engine/compose-cli.ts";
import type { ConnectedEngine } from "../engine/connect.ts";
import { ensureImages } from "../engine/images.ts";
import type { ResolvedStack } from "../engine/resolve-stack.ts";
import { RealServicesError } from "../errors.ts";
import type { LifecycleListener } from "../events.ts";
import { type Owner, writeOwner } from "../ownership/owner.ts";
import { readOwnIdentity } from "../ownership/process-identity.ts";
import { removeEnvironment } from "../ownership/remove-environment.ts";
import { leasePorts, type PortLeases } from "../ports/port-leases.ts";
import type { Settings } from "../settings.ts";
import { environmentName } from "../stack/environment-name.ts";
import { HOST_ADDRESS, isolate, networkSlots, portSlots } from "../stack/isolate.ts";
import { type EnvironmentLabels, LABEL, OPTIONAL_LABEL, writeLabels } from "../stack/labels.ts";
import type { ComposeModel } from "../stack/model.ts";
import { pickSubnets, SMALL_PREFIX } from "../stack/subnets.ts";

export interface CreateRequest {
  readonly engine: ConnectedEngine;
  readonly stack: ResolvedStack;
  readonly settings: Settings;
  readonly emit: LifecycleListener;
  /** Told as soon as the name is known, so that whatever happens next can be cleaned up. */
  readonly onNamed: (labels: EnvironmentLabels) => void;
  readonly signal: AbortSignal;
}

/** An environment whose containers exist, none of them started. */
export interface CreatedEnvironment {
  readonly labels: EnvironmentLabels;
  /** The stack before isolation, with the checks that only its images have. */
  readonly original: ComposeModel;
  /** The isolated model, as Compose was given it. */
  readonly model: ComposeModel;
  readonly leases: PortLeases;
  /** By service, as listed right after creation. */
  readonly containers: ReadonlyMap<string, readonly ContainerSummary[]>;
}

const CREATE_MS = 120_000;
/** Named, transient conflicts are worked around; a third one in a row is no accident. */
const MAX_ATTEMPTS = 3;

/** Leases ports, picks subnets, isolates the stack and lets Compose create it. Leaves nothing when it throws. */
export async function createEnvironment(request: CreateRequest): Promise<CreatedEnvironment> {
  const { engine, stack, settings, emit, signal } = request;
  const id = randomBytes(8).toString("hex");
  const name = environmentName({
    prefix: settings.name ?? stack.model.name ?? "stack",
    shard: settings.shard,
    id,
  });
  const labels = await newLabels(request, name, id);
  request.onNamed(labels);
  emit({
    type: "services:planned",
    environment: name,
    services: Object.keys(stack.model.services),
  });

  const { model: original } = stack;
  const [images, leases] = await Promise.all([
    ensureImages({
      engine: engine.client,
      model: original,
      settings,
      environment: name,
      emit,
      signal,
    }),
    leasePorts({ count: portSlots(original).length, address: HOST_ADDRESS, avoid: new Set() }),
  ]);
  const model = withImageHealthChecks(original, images);
  const shard =
    settings.shard === undefined ? undefined : `${settings.shard.index}/${settings.shard.count}`;
  let warned = false;
  try {
    for (let attempt = 1; ; attempt += 1) {
      const isolated = isolate(model, {
        project: name,
        labels: writeLabels(labels, shard),
        hostPorts: leases.ports,
        subnets: await freeSubnets(request, model),
        canProbeOften: majorVersion(engine.version) >= 25,
      });
      if (!warned) {
        for (const warning of isolated.warnings)
          emit({ type: "warning", environment: name, ...warning });
        warned = true;
      }
      const conflict = await createOnce(request, name, isolated.model);
      if (conflict === undefined) {
        const containers = await listByService(request, id);
        return { labels, original: model, model: isolated.model, leases, containers };
      }
      if (attempt === MAX_ATTEMPTS) {
        throw new RealServicesError("REAL_SERVICES_CONFLICT", conflict, {
          received: conflict,
          hint: "`npx docker-manual status` shows what is on the engine.",
        });
      }
      emit({ type: "conflict", environment: name, message: conflict, attempt });
      await removeEnvironment(engine.client, name, id, signal);
    }
  } catch (error) {
    leases.release();
    throw error;
  }
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

/** A check that only the image has is written into the model, so that it can be run more often. */
function withImageHealthChecks(
  model: ComposeModel,
  images: Awaited<ReturnType<typeof ensureImages>>,
): ComposeModel {
  const services = Object.fromEntries(
    Object.entries(model.services).map(([name, service]) => {
      const baked = images.get(name)?.healthCheck;
      if (baked === undefined || service.healthcheck?.test !== undefined) return [name, service];
      if (service.healthcheck?.disable === true) return [name, service];
      return [name, { ...service, healthcheck: { ...baked, ...service.healthcheck } }];
    }),
  );
  return { ...model, services };
}

async function freeSubnets(request: CreateRequest, model: ComposeModel): Promise<string[]> {
  const slots = networkSlots(model);
  if (slots.length === 0) return [];
  const networks = await request.engine.client.listNetworks(request.signal);
  const used = networks.flatMap((network) => network.subnets);
  const picked = pickSubnets(
    slots.map(() => SMALL_PREFIX),
    used,
    Math.random(),
  );
  if (picked !== undefined) return picked;
  throw new RealServicesError(
    "REAL_SERVICES_CONFLICT",
    "No free subnet is left for the networks.",
    {
      received: slots.length,
      hint: "Remove networks that nothing uses: `docker network ls`.",
    },
  );
}

/**
 * Lets Compose create what is missing or has changed. Undefined when it worked; what stood in the
 * way when another subnet can work around it.
 */
export async function createOnce(
  { engine, settings, signal }: Pick<CreateRequest, "engine" | "settings" | "signal">,
  name: string,
  model: ComposeModel,
  services: readonly string[] = [],
): Promise<string | undefined> {
  const result = await runCompose({
    args: ["-p", name, "-f", "-", "create", "--no-build", "--pull", "never", ...services],
    input: JSON.stringify(model),
    env: settings.env,
    cwd: settings.cwd,
    timeoutMs: CREATE_MS,
    endpoint: engine.client.endpoint,
    signal,
  });
  if (!result.failed) return undefined;
  const said = result.stderr.trim().split("\n").slice(-3).join(" ");
  if (/pool overlaps|address pool/i.test(said)) return `A subnet was taken: ${said}`;
  throw new RealServicesError(
    "REAL_SERVICES_ENGINE_FAILED",
    `Compose could not create the environment: ${said}`,
    { received: name, hint: "The engine's message names the service or the file in question." },
  );
}

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

function majorVersion(version: string): number {
  return Number.parseInt(version, 10) || 0;
}

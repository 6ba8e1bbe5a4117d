import type { EngineClient } from "../engine/client.ts";
import { sayRestart } from "../engine/engine-restart.ts";
import type { ContainerAccount, ContainerDetails } from "../engine/engine-shapes.ts";
import { engineStatus } from "../engine/engine-status.ts";
import { exitSignal } from "../engine/exit-signal.ts";
import { LOOPBACK } from "../engine/reachable-host.ts";
import type { Health, HealthReport } from "../environment.ts";
import type { Inventory } from "../ownership/inventory.ts";
import { OPTIONAL_LABEL } from "../stack/labels.ts";
import { readDependencies } from "../stack/without-order.ts";
import { withCurrentHealth } from "./current-health.ts";
import { containerHealth, isDone, serviceStatus, worst } from "./judge-health.ts";

type EnvironmentHealth = HealthReport["environments"][number];
type ServiceHealth = EnvironmentHealth["services"][number];

const ENDPOINT_MS = 2_000;

/** Where a service is asked for its health. */
export interface Endpoint {
  readonly path: string;
  /** Its address as its tests know it; undefined for an environment that another process holds. */
  readonly address: string | undefined;
}

/** What is known of an environment beside what the engine has of it, by service. */
export interface HealthHints {
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** How many containers were created; empty for an environment that another process holds. */
  readonly created: ReadonlyMap<string, number>;
}

/** Asks the engine, and the endpoints that were named, how everything is. */
export async function reportHealth(
  engine: EngineClient,
  inventories: readonly Inventory[],
  hintsOf: (environment: string) => HealthHints,
): Promise<HealthReport> {
  // What it cannot tell makes no report worse.
  const startedAt = engine.startedAt().catch(() => undefined);
  const environments = await Promise.all(
    inventories.map((inventory) =>
      reportEnvironment(engine, inventory, hintsOf(inventory.labels.environment), startedAt),
    ),
  );
  const system =
    environments.length === 0 ? "STOPPED" : worst(environments.map(({ health }) => health));
  return { system, environments };
}

async function reportEnvironment(
  engine: EngineClient,
  { labels, containers }: Inventory,
  { endpoints, created }: HealthHints,
  engineStart: Promise<number | undefined>,
): Promise<EnvironmentHealth> {
  const found = await Promise.all(containers.map(({ id }) => inspectUnlessGone(engine, id)));
  const accounts = found.filter((account) => account !== undefined);
  const engineStartedAt = await engineStart;
  const byService = Map.groupBy(accounts, serviceOf);
  // Also of those whose containers were all removed meanwhile.
  const names = new Set([...containers.map(serviceOf), ...created.keys()]);
  const services = await Promise.all(
    [...names].map(async (name) => {
      const own = byService.get(name) ?? [];
      const report = await reportService(name, own, endpoints.get(name), engineStartedAt);
      return withMissing(report, (created.get(name) ?? 0) - own.length);
    }),
  );
  services.sort((a, b) => a.name.localeCompare(b.name));
  const waits = accounts.flatMap((account) => readDependencies(account.labels));
  const considered = services.filter(({ name }) => {
    const waiting = waits.filter(({ service }) => service === name);
    return !isDone(
      byService.get(name) ?? [],
      waiting.map(({ condition }) => condition),
    );
  });
  return {
    name: labels.environment,
    health: services.length === 0 ? "STOPPED" : worst(considered.map(({ health }) => health)),
    services,
  };
}

function serviceOf({ labels, name }: Pick<ContainerAccount, "labels" | "name">): string {
  return labels[OPTIONAL_LABEL.service] ?? name;
}

async function reportService(
  name: string,
  containers: readonly ContainerAccount[],
  endpoint: Endpoint | undefined,
  engineStartedAt: number | undefined,
): Promise<ServiceHealth> {
  const own = containers.length === 0 ? "STOPPED" : worst(containers.map(containerHealth));
  const asked =
    endpoint === undefined || own !== "HEALTHY"
      ? undefined
      : await askEndpoint(endpoint.address ?? lowestPort(containers), endpoint.path);
  return {
    name,
    status: serviceStatus(containers),
    health: asked?.health ?? own,
    detail: [
      asked?.detail ?? containers.map(describe).join("; "),
      ...new Set(containers.map((container) => sayRestart(container, engineStartedAt))),
    ]
      .filter((part) => part !== undefined)
      .join("; "),
    containers: containers.map((container) => ({
      id: container.id,
      name: container.name,
      state: container.state,
      health: containerHealth(container),
      startedAt: container.startedAt,
      restartCount: container.restartCount,
    })),
  };
}

/** Ours are removed together, so one that is missing was removed by somebody else. */
function withMissing(service: ServiceHealth, missing: number): ServiceHealth {
  if (missing <= 0) return service;
  const gone = missing === 1 ? "a container was removed" : `${missing} containers were removed`;
  const detail = [service.detail, gone].filter((part) => part !== "").join("; ");
  return { ...service, status: "error", health: "UNHEALTHY", detail };
}

/** Another process may release its environment between the list and this look. */
async function inspectUnlessGone(
  engine: EngineClient,
  id: string,
): Promise<ContainerAccount | undefined> {
  try {
    return await withCurrentHealth(engine, await engine.inspectContainer(id));
  } catch (error) {
    if (engineStatus(error) === 404) return undefined;
    throw error;
  }
}

function lowestPort(containers: readonly ContainerDetails[]): string | undefined {
  const ports = containers.flatMap((container) => container.ports);
  const [first] = ports
    .filter(({ protocol }) => protocol === "tcp")
    .toSorted((a, b) => a.containerPort - b.containerPort);
  return first === undefined ? undefined : `${LOOPBACK}:${first.hostPort}`;
}

async function askEndpoint(
  address: string | undefined,
  path: string,
): Promise<{ health: Health; detail: string }> {
  if (address === undefined)
    return { health: "UNHEALTHY", detail: `${path}: no port is published` };
  try {
    const url = new URL(path, `http://${address}`);
    const response = await fetch(url, { signal: AbortSignal.timeout(ENDPOINT_MS) });
    await response.body?.cancel();
    return { health: response.ok ? "HEALTHY" : "UNHEALTHY", detail: `${path}: ${response.status}` };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { health: "UNHEALTHY", detail: `${path}: ${said}` };
  }
}

function describe({ state, health, exitCode, oomKilled }: ContainerDetails): string {
  const signal = exitSignal(exitCode);
  const parts = [state, ...(health === undefined || state === "exited" ? [] : [health])];
  if (state === "exited")
    parts[0] = `exited (${exitCode}${signal === undefined ? "" : `, ${signal}`})`;
  // Work goes on where it was not the main process that was killed.
  if (oomKilled) parts.push(signal === "SIGKILL" ? "out of memory" : "a process ran out of memory");
  return parts.join(", ");
}

import type { EngineClient } from "../engine/client.ts";
import type { ContainerDetails, ContainerSummary } from "../engine/engine-shapes.ts";
import { engineStatus } from "../engine/engine-status.ts";
import { LOOPBACK } from "../engine/reachable-host.ts";
import type { Health, HealthReport } from "../environment.ts";
import type { Inventory } from "../ownership/inventory.ts";
import { OPTIONAL_LABEL } from "../stack/labels.ts";
import { withCurrentHealth } from "./current-health.ts";
import { containerHealth, serviceStatus, worst } from "./judge-health.ts";

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
  const environments = await Promise.all(
    inventories.map(async ({ labels, containers }): Promise<EnvironmentHealth> => {
      const { endpoints, created } = hintsOf(labels.environment);
      const byService = Map.groupBy(
        containers,
        (item) => item.labels[OPTIONAL_LABEL.service] ?? item.name,
      );
      const names = new Set([...byService.keys(), ...created.keys()]);
      const services = await Promise.all(
        [...names].map(async (name) => {
          const own = byService.get(name) ?? [];
          const report = await reportService(engine, name, own, endpoints.get(name));
          return withMissing(report, (created.get(name) ?? 0) - report.containers.length);
        }),
      );
      services.sort((a, b) => a.name.localeCompare(b.name));
      const considered = services.filter((service) => !isDone(service));
      return {
        name: labels.environment,
        health: services.length === 0 ? "STOPPED" : worst(considered.map(({ health }) => health)),
        services,
      };
    }),
  );
  const system =
    environments.length === 0 ? "STOPPED" : worst(environments.map(({ health }) => health));
  return { system, environments };
}

async function reportService(
  engine: EngineClient,
  name: string,
  containers: readonly ContainerSummary[],
  endpoint: Endpoint | undefined,
): Promise<ServiceHealth> {
  const found = await Promise.all(containers.map(({ id }) => inspectUnlessGone(engine, id)));
  const details = found.filter((container) => container !== undefined);
  const own = details.length === 0 ? "STOPPED" : worst(details.map(containerHealth));
  const asked =
    endpoint === undefined || own !== "HEALTHY"
      ? undefined
      : await askEndpoint(endpoint.address ?? lowestPort(containers), endpoint.path);
  return {
    name,
    status: serviceStatus(details),
    health: asked?.health ?? own,
    detail: asked?.detail ?? details.map(describe).join("; "),
    containers: details.map((container) => ({
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

/** A one-shot service that did its work says nothing about the others' health. */
function isDone(service: ServiceHealth): boolean {
  return (
    service.containers.length > 0 &&
    service.containers.every(({ state, health }) => state === "exited" && health === "STOPPED")
  );
}

/** Another process may release its environment between the list and this look. */
async function inspectUnlessGone(
  engine: EngineClient,
  id: string,
): Promise<ContainerDetails | undefined> {
  try {
    return await withCurrentHealth(engine, await engine.inspectContainer(id));
  } catch (error) {
    if (engineStatus(error) === 404) return undefined;
    throw error;
  }
}

function lowestPort(containers: readonly ContainerSummary[]): string | undefined {
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

function describe(container: ContainerDetails): string {
  if (container.state === "exited") {
    const why = container.oomKilled ? ", out of memory" : "";
    return `exited (${container.exitCode})${why}`;
  }
  return container.health === undefined
    ? container.state
    : `${container.state}, ${container.health}`;
}

import type { EngineClient } from "../engine/client.ts";
import { LOOPBACK } from "../engine/reachable-host.ts";
import type { EnvironmentKind, EnvironmentSummary, PublishedPort } from "../environment.ts";
import type { JudgedEnvironment } from "../ownership/sweep.ts";
import { reportHealth } from "./report.ts";

/** What a person wants to know of an environment that some process began. */
export async function summarize(
  engine: EngineClient,
  { inventory, owner, decision }: JudgedEnvironment,
): Promise<EnvironmentSummary> {
  const report = await reportHealth(engine, [inventory], () => ({
    endpoints: new Map(),
    created: new Map(),
  }));
  const services = report.environments.flatMap((environment) => environment.services);
  const portsOf = (ids: readonly string[]): PublishedPort[] =>
    inventory.containers
      .filter(({ id }) => ids.includes(id))
      .flatMap(({ ports }) => ports)
      .map(({ containerPort, protocol, hostIp, hostPort }) => ({
        containerPort,
        protocol,
        host: hostIp === "0.0.0.0" || hostIp === "::" ? LOOPBACK : hostIp,
        port: hostPort,
      }));
  return {
    name: inventory.labels.environment,
    id: inventory.labels.id,
    kind: toKind(inventory.labels.kind),
    createdAt: inventory.labels.created,
    owner,
    orphan: decision.orphan,
    services: services.map(({ name, status, health, containers }) => ({
      name,
      status,
      health,
      ports: portsOf(containers.map(({ id }) => id)),
      startedAt: containers.find(({ state }) => state === "running")?.startedAt ?? null,
      restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    })),
  };
}

function toKind(label: string): EnvironmentKind {
  return label === "shared" || label === "production" ? label : "dedicated";
}

import type { EngineClient } from "../engine/client.ts";
import type { ContainerAccount } from "../engine/engine-shapes.ts";
import { engineStatus } from "../engine/engine-status.ts";
import type { Health, PublishedPort, ServiceStatus } from "../environment.ts";
import { containerHealth, serviceStatus, worst } from "../health/judge-health.ts";
import type { Inventory } from "../ownership/inventory.ts";
import { createMask, type SecretSource } from "../secrets.ts";
import { OPTIONAL_LABEL } from "../stack/labels.ts";
import { readDependencies } from "../stack/without-order.ts";

/** A service as a person looks at it. */
export interface ServiceAccount {
  readonly name: string;
  readonly image: string;
  readonly status: ServiceStatus;
  readonly health: Health;
  readonly ports: readonly PublishedPort[];
  /** Those it waits for at its start, and for what. */
  readonly waitsFor: readonly { readonly service: string; readonly condition: string }[];
  readonly waitedForBy: readonly string[];
  readonly containers: readonly ContainerView[];
}

export interface ContainerView {
  readonly id: string;
  readonly name: string;
  /** The engine's word: `running`, `exited`, `paused`, … */
  readonly state: string;
  readonly health: Health;
  /** Null while it runs. */
  readonly exitCode: number | null;
  readonly oomKilled: boolean;
  readonly restartCount: number;
  /** ISO 8601; null when it never ran. */
  readonly startedAt: string | null;
  /** ISO 8601; null while it runs. */
  readonly finishedAt: string | null;
  /** Bytes; null without a limit. */
  readonly memoryLimit: number | null;
  readonly command: readonly string[];
  readonly mounts: readonly {
    readonly type: string;
    readonly source: string;
    readonly target: string;
    readonly writable: boolean;
  }[];
  /** Its address in each network. */
  readonly networks: Readonly<Record<string, string>>;
  /** The last runs of its health check, oldest first, secrets masked. */
  readonly healthChecks: readonly {
    readonly at: string;
    readonly exitCode: number;
    readonly output: string;
  }[];
}

/** Reads every container of an environment, by service, in the order of their names. */
export async function readAccounts(
  engine: EngineClient,
  { containers }: Inventory,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly ContainerAccount[]>> {
  const sorted = containers.toSorted((a, b) => a.name.localeCompare(b.name));
  const read = await Promise.all(sorted.map(({ id }) => readUnlessGone(engine, id, signal)));
  const found = read.filter((account) => account !== undefined);
  return Map.groupBy(found, ({ labels, name }) => labels[OPTIONAL_LABEL.service] ?? name);
}

/** What a person is told of each service. @param host where published ports are reached */
export function describeAccounts(
  accounts: ReadonlyMap<string, readonly ContainerAccount[]>,
  host: string,
): ServiceAccount[] {
  const names = [...accounts.keys()].toSorted();
  const waits = new Map(
    names.map((name) => {
      const written = readDependencies(accounts.get(name)?.[0]?.labels ?? {});
      return [name, written.map(({ service, condition }) => ({ service, condition }))];
    }),
  );
  return names.map((name) => {
    const containers = accounts.get(name) ?? [];
    return {
      name,
      image: containers[0]?.image ?? "",
      status: serviceStatus(containers),
      health: worst(containers.map(containerHealth)),
      ports: publishedPorts(containers, host),
      waitsFor: waits.get(name) ?? [],
      waitedForBy: names.filter((other) =>
        waits.get(other)?.some(({ service }) => service === name),
      ),
      containers: containers.map(describeContainer),
    };
  });
}

export function publishedPorts(
  containers: readonly ContainerAccount[],
  host: string,
): PublishedPort[] {
  const ports = containers.flatMap((container) =>
    container.ports.map(({ containerPort, protocol, hostPort }) => ({
      containerPort,
      protocol,
      host,
      port: hostPort,
    })),
  );
  // The engine lists a port once for each kind of address that it is bound on.
  return ports.filter(
    (port, index) =>
      ports.findIndex((one) => one.port === port.port && one.protocol === port.protocol) === index,
  );
}

/** Where a container that we have no model of was told its secrets. */
export function secretSource({ env, command, check }: ContainerAccount): SecretSource {
  return { environment: env, command, healthcheck: { test: check?.command ?? [] } };
}

function describeContainer(account: ContainerAccount): ContainerView {
  const runs = ["running", "paused", "restarting"].includes(account.state);
  const mask = createMask({ services: { it: secretSource(account) } });
  return {
    id: account.id,
    name: account.name,
    state: account.state,
    health: containerHealth(account),
    exitCode: runs || account.state === "created" ? null : account.exitCode,
    oomKilled: account.oomKilled,
    restartCount: account.restartCount,
    startedAt: Date.parse(account.startedAt) > 0 ? account.startedAt : null,
    finishedAt: runs ? null : (account.finishedAt ?? null),
    memoryLimit: account.memoryBytes ?? null,
    command: account.command.map(mask),
    mounts: account.mounts,
    networks: account.networks,
    healthChecks: account.healthLog.map(({ beganAt, exitCode, output }) => ({
      at: new Date(beganAt).toISOString(),
      exitCode,
      output: mask(output.trim()),
    })),
  };
}

async function readUnlessGone(
  engine: EngineClient,
  id: string,
  signal: AbortSignal | undefined,
): Promise<ContainerAccount | undefined> {
  try {
    return await engine.inspectContainer(id, signal);
  } catch (error) {
    if (engineStatus(error) === 404) return undefined;
    throw error;
  }
}

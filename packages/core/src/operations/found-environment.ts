import type { ConnectedEngine } from "../engine/connect.ts";
import { rejoinNetworks, resetNetworks } from "../engine/container-networks.ts";
import type { ContainerAccount } from "../engine/engine-shapes.ts";
import { joinedContainer, recreateContainer } from "../engine/recreate-container.ts";
import type { EnvironmentKind, OwnerReport, ServiceInfo } from "../environment.ts";
import { RealServicesError } from "../errors.ts";
import type { LifecycleListener } from "../events.ts";
import { withCurrentHealth } from "../health/current-health.ts";
import type { LogLine } from "../logs/log-shapes.ts";
import type { JudgedEnvironment } from "../ownership/sweep.ts";
import { describeService } from "../services/connection.ts";
import { LABEL } from "../stack/labels.ts";
import { unknownService } from "../stack/select-services.ts";
import { checkNetwork, type NetworkCheck } from "./check-network.ts";
import { CLIENT_KINDS, type ClientCommand, clientCommand } from "./client-command.ts";
import { type ContainerProcess, readProcesses } from "./processes.ts";
import { type LogOptions, readLogs } from "./read-logs.ts";
import { type RecoveryReport, recoverService } from "./recover-service.ts";
import { restartServices } from "./restart-services.ts";
import {
  describeAccounts,
  publishedPorts,
  readAccounts,
  type ServiceAccount,
} from "./service-account.ts";
import { readUsage, type Usage } from "./usage.ts";

export interface FoundOptions {
  readonly engine: ConnectedEngine;
  readonly found: JudgedEnvironment;
  /** Where published ports are reached. */
  readonly host: string;
  readonly emit: LifecycleListener;
  /** Removes what is provably abandoned on the engine. */
  readonly sweep: () => Promise<unknown>;
}

export interface OperationOptions {
  /** Longest time until the services are ready again, in milliseconds. @default 60_000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const READY_MS = 60_000;

/**
 * An environment that some process began, found on the engine by its labels, and what can be done
 * with it by hand. Everything is read from the engine at each call. Every method that takes a service
 * throws REAL_SERVICES_UNKNOWN_SERVICE with the nearest name.
 */
export class FoundEnvironment {
  readonly name: string;
  readonly id: string;
  readonly kind: EnvironmentKind;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly owner: OwnerReport;
  /** The next sweep would remove it. */
  readonly orphan: boolean;
  readonly #options: FoundOptions;

  constructor(options: FoundOptions) {
    const { inventory, owner, decision } = options.found;
    const { labels } = inventory;
    this.#options = options;
    this.name = labels.environment;
    this.id = labels.id;
    this.kind =
      labels.kind === "shared" || labels.kind === "production" ? labels.kind : "dedicated";
    this.createdAt = labels.created;
    this.owner = owner;
    this.orphan = decision.orphan;
  }

  /** Every service with its containers, in the order of their names. */
  async services(): Promise<readonly ServiceAccount[]> {
    const { engine, host } = this.#options;
    const accounts = await Promise.all(
      [...(await this.#accounts())].map(async ([name, containers]) => {
        const now = containers.map((one) => withCurrentHealth(engine.client, one));
        return [name, await Promise.all(now)] as const;
      }),
    );
    return describeAccounts(new Map(accounts), host);
  }

  async service(name: string): Promise<ServiceAccount> {
    const all = await this.services();
    const found = all.find((service) => service.name === name);
    if (found !== undefined) return found;
    throw unknownService(
      name,
      all.map((service) => service.name),
    );
  }

  /** The processes of a service, in all of its containers that run. */
  async processes(service: string): Promise<readonly ContainerProcess[]> {
    const { containers } = await this.#service(service);
    const { client } = this.#options.engine;
    const running = containers.filter(({ state }) => state === "running");
    return (await Promise.all(running.map(({ id }) => readProcesses(client, id)))).flat();
  }

  /** What a test is given of each service. */
  async connections(): Promise<Readonly<Record<string, ServiceInfo>>> {
    const accounts = [...(await this.#accounts())];
    return Object.fromEntries(
      accounts.map(([name, containers]) => {
        const [first] = containers;
        const definition =
          first === undefined
            ? {}
            : { image: first.image, environment: first.env, command: first.command };
        const ports = publishedPorts(containers, this.#options.host);
        const ids = containers.map(({ id }) => id);
        return [name, describeService(name, definition, ports, ids)];
      }),
    );
  }

  /** Full id of a container of the service: the first, or the one with this number, from 1. */
  async container(service: string, replica = 1): Promise<string> {
    const { containers } = await this.#service(service);
    const container = containers[replica - 1];
    if (container !== undefined) return container.id;
    throw new RealServicesError(
      "REAL_SERVICES_UNKNOWN_SERVICE",
      `Service “${service}” has ${containers.length} containers, none with number ${replica}.`,
      { received: replica },
    );
  }

  /**
   * The service's own client with the right credentials, to be run in its first container. Throws
   * REAL_SERVICES_NO_CLIENT.
   */
  async client(service: string): Promise<ClientCommand & { readonly container: string }> {
    const { containers } = await this.#service(service);
    const [container] = containers;
    const found = container === undefined ? undefined : clientCommand(container);
    if (container !== undefined && found !== undefined) {
      return { ...found, container: container.id };
    }
    throw new RealServicesError(
      "REAL_SERVICES_NO_CLIENT",
      `“${service}” is of no kind whose client is known: ${CLIENT_KINDS.join(", ")}.`,
      {
        received: container?.image,
        hint: `\`npx docker-manual shell ${service}\` opens a shell in it, \`npx docker-manual exec ${service} -- COMMAND\` runs another client.`,
      },
    );
  }

  /**
   * Stops services with their own grace, starts them on the same ports, then those that depend on
   * them with `restart: true`, and waits until they are ready. Resolves to all that were restarted.
   */
  async restart(
    services: readonly string[],
    options: OperationOptions = {},
  ): Promise<readonly string[]> {
    return this.#again(services, options, (container, signal) => this.#cycle(container, signal));
  }

  /**
   * Replaces the containers of services by new ones of the same definition, with the files of their
   * configs and secrets, and waits until they are ready. What has joined the network of one is
   * recreated as well, other dependants with `restart: true` are restarted. Resolves to all of these.
   */
  async recreate(
    services: readonly string[],
    options: OperationOptions = {},
  ): Promise<readonly string[]> {
    const successors = new Map<string, string>();
    return this.#again(services, options, async (container, signal, isNamed) => {
      const joined = joinedContainer(container.networkMode);
      if (!isNamed && (joined === undefined || !successors.has(joined))) {
        return this.#cycle(container, signal);
      }
      const id = await this.#replace(container, successors, signal);
      successors.set(container.id, id);
      return id;
    });
  }

  /** Restarts, recreates, resets the network, cleans the engine and recreates: until it is ready. */
  async recover(service: string, options: OperationOptions = {}): Promise<RecoveryReport> {
    const signal = options.signal ?? new AbortController().signal;
    await this.#service(service);
    return recoverService(
      service,
      async (step) => {
        if (step === "restart service") return this.restart([service], options);
        if (step === "recreate container") return this.recreate([service], options);
        if (step === "clean resources") {
          await this.#options.sweep();
          return this.recreate([service], options);
        }
        const { engine } = this.#options;
        // What it asks for its check may be what is cut off.
        for (const { id } of [...(await this.#accounts(signal)).values()].flat()) {
          await rejoinNetworks(engine.client, id, signal);
        }
        return this.#again([service], options, async (container, ended, isNamed) => {
          if (isNamed) await resetNetworks(engine.client, container.id, signal);
          return this.#cycle(container, ended);
        });
      },
      signal,
    );
  }

  /** What services wrote, as the engine has it. @param services @default all */
  async logs(
    services: readonly string[],
    options: LogOptions = {},
  ): Promise<AsyncGenerator<LogLine, void, undefined>> {
    const all = await this.#accounts();
    const names = services.length === 0 ? [...all.keys()] : services;
    const sources = names.flatMap((service) => {
      const containers = all.get(service) ?? this.#unknown(service, all);
      return containers.map(({ id }, index) => ({ id, service, replica: index + 1 }));
    });
    const { client, clockOffsetMs } = this.#options.engine;
    return readLogs(client, clockOffsetMs, sources, options);
  }

  /** What each running container takes at the moment; the engine needs a second to tell. */
  async usage(): Promise<readonly Usage[]> {
    const { engine } = this.#options;
    const all = [...(await this.#accounts())].flatMap(([service, containers]) =>
      containers
        .filter(({ state }) => state === "running")
        .map(({ id, name, memoryBytes }) =>
          readUsage(engine.client, { id, name, service }, memoryBytes),
        ),
    );
    return (await Promise.all(all)).filter((usage) => usage !== undefined);
  }

  /** Whether service `from` can use service `to`, and where it breaks. @param port @default all that it names */
  async checkNetwork(from: string, to: string, port?: number): Promise<NetworkCheck> {
    const [a, b] = await Promise.all([this.#service(from), this.#service(to)]);
    const [first] = a.containers;
    const [second] = b.containers;
    if (first === undefined || second === undefined) throw unknownService(from, []);
    return checkNetwork(
      this.#options.engine.client,
      { service: from, container: first },
      { service: to, container: second },
      port === undefined ? second.exposedPorts : [port],
    );
  }

  async #cycle({ id, graceSeconds }: ContainerAccount, signal: AbortSignal): Promise<string> {
    await this.#options.engine.client.restartContainer(id, graceSeconds, signal);
    return id;
  }

  async #replace(
    container: ContainerAccount,
    successors: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<string> {
    const { client } = this.#options.engine;
    const id = await recreateContainer(client, container.id, successors, signal);
    await client.startContainer(id, signal);
    return id;
  }

  async #again(
    services: readonly string[],
    { timeoutMs = READY_MS, signal = new AbortController().signal }: OperationOptions,
    restart: (
      container: ContainerAccount,
      signal: AbortSignal,
      isNamed: boolean,
    ) => Promise<string>,
  ): Promise<readonly string[]> {
    const { engine, found, host, emit } = this.#options;
    const all = await this.#accounts(signal);
    const names = services.length === 0 ? [...all.keys()] : services;
    for (const name of names) if (!all.has(name)) this.#unknown(name, all);
    return restartServices({
      engine,
      labels: found.inventory.labels,
      accounts: all,
      services: names,
      host,
      timeoutMs,
      emit,
      signal,
      restart: (container, service) => restart(container, signal, names.includes(service)),
    });
  }

  async #service(name: string): Promise<{ readonly containers: readonly ContainerAccount[] }> {
    const all = await this.#accounts();
    return { containers: all.get(name) ?? this.#unknown(name, all) };
  }

  #unknown(name: string, all: ReadonlyMap<string, unknown>): never {
    throw unknownService(name, [...all.keys()]);
  }

  async #accounts(signal?: AbortSignal): Promise<ReadonlyMap<string, readonly ContainerAccount[]>> {
    const { engine, found } = this.#options;
    const label = `${LABEL.id}=${found.inventory.labels.id}`;
    const containers = await engine.client.listContainers([label], signal);
    return readAccounts(engine.client, { ...found.inventory, containers }, signal);
  }
}

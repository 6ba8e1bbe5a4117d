import type { ConnectedEngine } from "../engine/connect.ts";
import type { ReachableHost } from "../engine/reachable-host.ts";
import type { ResolvedStack } from "../engine/resolve-stack.ts";
import type { Environment, EnvironmentKind, ServiceInfo } from "../environment.ts";
import { RealServicesError } from "../errors.ts";
import type { LifecycleListener } from "../events.ts";
import { LogCapture } from "../logs/capture.ts";
import type { Inventory } from "../ownership/inventory.ts";
import { renewLease } from "../ownership/lease.ts";
import { createMask, type Mask } from "../secrets.ts";
import { describeService } from "../services/connection.ts";
import { kindOfImage } from "../services/service-kind.ts";
import type { Settings } from "../settings.ts";
import { OPTIONAL_LABEL } from "../stack/labels.ts";
import { untilReady } from "../startup/readiness/until-ready.ts";

export interface Adoption {
  readonly engine: ConnectedEngine;
  readonly inventory: Inventory;
  readonly stack: ResolvedStack;
  readonly settings: Settings;
  readonly host: ReachableHost;
  readonly emit: LifecycleListener;
}

/** Its lease never has less than this left while it is used, and at most this when nobody uses it any more. */
const LEASE_MS = 3_600_000;
const RENEW_MS = LEASE_MS / 3;

/** Somebody else's environment that this process may use: it is waited for and kept alive, never removed. */
export class AdoptedEnvironment implements Environment {
  readonly name: string;
  readonly id: string;
  readonly kind: EnvironmentKind;
  readonly state = "running";
  readonly stackHash: string;
  readonly services: Readonly<Record<string, ServiceInfo>>;
  readonly settings: Settings;
  readonly #adoption: Adoption;
  readonly #left = new AbortController();
  readonly #logs: LogCapture | undefined;
  #mask: Mask | undefined;
  #renewal: NodeJS.Timeout | undefined;

  constructor(adoption: Adoption) {
    const { labels } = adoption.inventory;
    this.#adoption = adoption;
    this.name = labels.environment;
    this.id = labels.id;
    this.kind = labels.kind === "production" ? "production" : "shared";
    this.stackHash = labels.stack;
    this.settings = adoption.settings;
    this.services = describeServices(adoption);
    const { engine, settings, emit } = adoption;
    if (settings.logs !== undefined) {
      const { name: environment, id } = this;
      const { model } = adoption.stack;
      const logs = { engine, environment, id, model, settings: settings.logs, emit };
      this.#logs = new LogCapture({ ...logs, adopted: true });
    }
  }

  maskSecrets(text: string): string {
    this.#mask ??= createMask(this.#adoption.stack.model);
    return this.#mask(text);
  }

  get logFolder(): string | undefined {
    return this.#logs?.folder;
  }

  get ports(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      Object.values(this.services).flatMap(({ name, port }) =>
        port === undefined ? [] : [[name, port]],
      ),
    );
  }

  /** Takes care that the lease does not run out before `leave`. Returns the new deadline. */
  async keepAlive(): Promise<string> {
    const { engine, inventory } = this.#adoption;
    const renew = () =>
      renewLease(engine.client, inventory.labels, Date.now() + engine.clockOffsetMs + LEASE_MS);
    const until = await renew();
    // A renewal that fails is tried again long before the lease is over.
    this.#renewal = setInterval(() => void renew().catch(() => {}), RENEW_MS);
    this.#renewal.unref();
    return until;
  }

  /** Stops using it. It stays until its lease runs out. */
  async leave(): Promise<void> {
    clearInterval(this.#renewal);
    this.#left.abort(new RealServicesError("REAL_SERVICES_ABORTED", `${this.name} was left.`));
    await this.#logs?.close();
  }

  /** Resolves once every service that runs can serve; whoever began it may not be done yet. */
  async wait(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const deadline = AbortSignal.timeout(timeoutMs);
    const signals = [this.#left.signal, deadline, ...(signal === undefined ? [] : [signal])];
    const either = AbortSignal.any(signals);
    const pending = new Set(Object.keys(this.services));
    try {
      await Promise.all(
        Object.values(this.services).map(async (service) => {
          await Promise.all(service.containers.map((id) => this.#untilServes(service, id, either)));
          pending.delete(service.name);
        }),
      );
    } catch (error) {
      if (!deadline.aborted || signal?.aborted) throw error;
      const names = [...pending].map((name) => `“${name}”`).join(", ");
      throw new RealServicesError(
        "REAL_SERVICES_TIMEOUT",
        `${this.name}, which this run adopted, is not ready after ${timeoutMs / 1_000} s: ${names}.`,
        {
          received: timeoutMs,
          hint: `See \`npx docker-manual status ${this.name}\`; stop it, and the next run starts its own.`,
        },
      );
    }
  }

  async #untilServes({ name }: ServiceInfo, id: string, signal: AbortSignal): Promise<void> {
    const { engine, stack, settings, host } = this.#adoption;
    const container = await engine.client.inspectContainer(id, signal);
    // One-shot work is done.
    if (container.state === "exited") return;
    const definition = stack.model.services[name];
    await untilReady({
      engine: engine.client,
      container,
      host: host.host,
      kind: kindOfImage(definition?.image),
      user: definition?.environment?.["POSTGRES_USER"] ?? "postgres",
      waitFor: settings.waitFor[name],
      timeoutMs: settings.timeoutMs,
      signal,
    });
  }
}

function describeServices({
  stack,
  inventory,
  host,
}: Adoption): Readonly<Record<string, ServiceInfo>> {
  return Object.fromEntries(
    Object.entries(stack.model.services).map(([name, definition]) => {
      const containers = inventory.containers
        .filter((container) => container.labels[OPTIONAL_LABEL.service] === name)
        .toSorted((a, b) => a.name.localeCompare(b.name));
      const ports = containers.flatMap((container) =>
        container.ports.map(({ containerPort, protocol, hostPort }) => ({
          containerPort,
          protocol,
          host: host.host,
          port: hostPort,
        })),
      );
      const ids = containers.map(({ id }) => id);
      return [name, describeService(name, definition, ports, ids)];
    }),
  );
}

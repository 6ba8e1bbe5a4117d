import { engineStatus } from "../engine/engine-status.ts";
import { RealServicesError } from "../errors.ts";
import type { LifecycleListener } from "../events.ts";
import { injectedFiles } from "../stack/injected-files.ts";
import { toPublished } from "../stack/isolate-ports.ts";
import type { ComposeModel } from "../stack/model.ts";
import { composeCreate } from "./compose-create.ts";
import {
  type CreatedEnvironment,
  type CreateRequest,
  listByService,
} from "./create-environment.ts";
import { lostPort } from "./lost-port.ts";
import { awaitFirewall, FIREWALL_ATTEMPTS, isFirewallBusy } from "./xtables-lock.ts";

export interface StarterRequest extends Pick<CreateRequest, "engine" | "settings" | "signal"> {
  readonly emit: LifecycleListener;
  readonly created: CreatedEnvironment;
}

/** How often what a container needs may be lost before it is no accident. */
const MAX_ATTEMPTS = 3;

/** What can be done about a start that failed. */
interface Repair {
  readonly message: string;
  readonly attempts: number;
  readonly run: (attempt: number) => Promise<void>;
}

/**
 * Starts containers, and repairs what was lost between their creation and their start: a port that
 * somebody else bound costs that service new containers on another one; what a prune by somebody
 * else removed is created again; a firewall that somebody else works on is waited for. Each is
 * reported and counted; nothing else is tried twice.
 */
export class ContainerStarter {
  readonly #request: StarterRequest;
  readonly #names: Map<string, string>;
  readonly #running = new Set<string>();
  #created: CreatedEnvironment;
  #repair: Promise<unknown> = Promise.resolve();

  constructor(request: StarterRequest) {
    this.#request = request;
    this.#created = request.created;
    this.#names = new Map(
      [...request.created.containers.values()].flat().map(({ id, name }) => [id, name]),
    );
  }

  /** The environment as it is after all repairs. */
  get created(): CreatedEnvironment {
    return this.#created;
  }

  /** Returns the id of the container that runs now: the one given, or its successor. */
  async start(service: string, given: string): Promise<string> {
    const { engine, signal } = this.#request;
    for (let attempt = 1; ; attempt += 1) {
      const id = this.#successorOf(service, given);
      try {
        await this.#injectFiles(service, id);
        await engine.client.startContainer(id, signal);
        this.#running.add(service);
        return id;
      } catch (error) {
        const repair = signal.aborted ? undefined : this.#repairFor(service, id, error);
        if (repair === undefined || attempt >= repair.attempts) throw error;
        const environment = this.#created.labels.environment;
        const { message } = repair;
        this.#request.emit({ type: "conflict", environment, service, message, attempt });
        await repair.run(attempt);
      }
    }
  }

  #repairFor(service: string, id: string, error: unknown): Repair | undefined {
    const port = lostPort(error);
    if (port !== undefined) {
      return {
        message: `port ${port} was taken by somebody else`,
        attempts: MAX_ATTEMPTS,
        run: () => this.#oneAtATime(() => this.#replacePort(service, port)),
      };
    }
    const said = error instanceof Error ? error.message : "";
    if (isFirewallBusy(said)) {
      return {
        message: "the host's firewall was locked by somebody else (xtables lock)",
        attempts: FIREWALL_ATTEMPTS,
        run: (attempt) => awaitFirewall(attempt, this.#request.signal),
      };
    }
    const isGone = engineStatus(error) === 404 && /no such container/i.test(said);
    if (!isGone && !/network \S+ not found/i.test(said)) return undefined;
    return {
      message: "a network or container was removed by somebody else",
      attempts: MAX_ATTEMPTS,
      run: () => this.#oneAtATime(() => this.#createAgain(service, id)),
    };
  }

  async #replacePort(service: string, port: number): Promise<void> {
    const { leases, model } = this.#created;
    const index = leases.blocks.findIndex((block) => block.includes(port));
    // Another replica of the service may have had the whole range moved already.
    if (index === -1) return;
    const from = toPublished(leases.blocks[index] ?? []);
    await leases.replace(port);
    const to = toPublished(leases.blocks[index] ?? []);
    await this.#compose(withPort(model, service, from, to), [service], []);
  }

  /** All that do not run: a network can only have gone with every container on it stopped. */
  async #createAgain(service: string, id: string): Promise<void> {
    if (this.#successorOf(service, id) !== id) return;
    const { model } = this.#created;
    const stopped = Object.keys(model.services).filter((name) => !this.#running.has(name));
    await this.#compose(model, stopped, ["--force-recreate"]);
  }

  async #compose(
    model: ComposeModel,
    services: readonly string[],
    flags: readonly string[],
  ): Promise<void> {
    const { labels, projectFolder } = this.#created;
    const name = labels.environment;
    const conflict = await composeCreate({
      ...this.#request,
      name,
      model,
      projectFolder,
      services,
      flags,
    });
    if (conflict !== undefined) {
      throw new RealServicesError("REAL_SERVICES_CONFLICT", conflict.said, { received: services });
    }
    const containers = await listByService(this.#request, labels.id);
    this.#created = { ...this.#created, model, containers };
  }

  /** Each repair has Compose compare the whole model with what is there. */
  async #oneAtATime(repair: () => Promise<void>): Promise<void> {
    const mine = this.#repair.then(repair);
    this.#repair = mine.catch(() => {});
    await mine;
  }

  /** Compose gives the container that it makes anew the name of the one it replaces. */
  #successorOf(service: string, id: string): string {
    const name = this.#names.get(id);
    const successor = this.#created.containers.get(service)?.find((item) => item.name === name);
    return successor?.id ?? id;
  }

  /** Compose would do so at the start, which is ours: configs and secrets that are no files of the host. */
  async #injectFiles(service: string, container: string): Promise<void> {
    const { model, variables } = this.#created;
    const definition = model.services[service];
    const files = definition === undefined ? [] : injectedFiles(model, definition, variables);
    if (files.length === 0) return;
    const { archiveOf } = await import("../engine/archive.ts");
    const { engine, signal } = this.#request;
    await engine.client.putArchive(container, await archiveOf(files), signal);
  }
}

function withPort(model: ComposeModel, service: string, from: string, to: string): ComposeModel {
  const definition = model.services[service];
  const ports = (definition?.ports ?? []).map((entry) =>
    entry.published === from ? { ...entry, published: to } : entry,
  );
  return { ...model, services: { ...model.services, [service]: { ...definition, ports } } };
}

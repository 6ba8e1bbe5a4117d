import type { ConnectedEngine } from "./engine/connect.ts";
import type { ContainerDetails } from "./engine/engine-shapes.ts";
import type {
  Environment,
  EnvironmentKind,
  EnvironmentState,
  PublishedPort,
  ServiceInfo,
  StartProfile,
} from "./environment.ts";
import type { LifecycleListener } from "./events.ts";
import { LogCapture } from "./logs/capture.ts";
import { removeWatched } from "./ownership/watchdog.ts";
import { createMask, type Mask } from "./secrets.ts";
import { describeService } from "./services/connection.ts";
import { kindOfImage } from "./services/service-kind.ts";
import type { Settings } from "./settings.ts";
import { parseDuration } from "./stack/duration.ts";
import { protocolOf } from "./stack/isolate-ports.ts";
import type { ComposeService } from "./stack/model.ts";
import { unknownService } from "./stack/select-services.ts";
import { awaitRun } from "./startup/await-run.ts";
import { completable } from "./startup/completable.ts";
import { ContainerStarter } from "./startup/container-starter.ts";
import type { CreatedEnvironment } from "./startup/create-environment.ts";
import { writeLastStart } from "./startup/last-start.ts";
import { CheckFailure } from "./startup/readiness/check-history.ts";
import { type Findings, untilReady } from "./startup/readiness/until-ready.ts";
import { restartOrder, tellFollowers } from "./startup/restart-order.ts";
import { startNodes } from "./startup/start-nodes.ts";
import { StartRun, type StartTarget } from "./startup/start-run.ts";
import { stopGracefully } from "./startup/stop-gracefully.ts";
import { canMove } from "./state-machine.ts";

/** What Compose gives a service that names no `stop_grace_period`. */
const DEFAULT_GRACE_SECONDS = 10;

/** An environment that this process acquired: the handle its caller holds, and its life. */
export class ManagedEnvironment implements Environment {
  readonly name: string;
  readonly id: string;
  readonly kind: EnvironmentKind;
  readonly stackHash: string;
  readonly engine: ConnectedEngine;
  readonly settings: Settings;
  /** Ends everything that is under way for this environment. */
  readonly abort = new AbortController();
  readonly #emit: LifecycleListener;
  readonly #beganAt: number;
  readonly #starter: ContainerStarter;
  #mask: Mask | undefined;
  readonly #logs: LogCapture | undefined;
  #state: EnvironmentState = "initialized";
  readonly #createdMs: number;
  readonly #firstRun: StartRun;
  /** The last one begun: the first, or that of a restarted service. */
  #run: StartRun;

  constructor(
    created: CreatedEnvironment,
    engine: ConnectedEngine,
    settings: Settings,
    emit: LifecycleListener,
    beganAt: number,
  ) {
    this.engine = engine;
    this.settings = settings;
    this.#emit = emit;
    this.#beganAt = beganAt;
    this.name = created.labels.environment;
    this.id = created.labels.id;
    this.kind = settings.kind;
    this.stackHash = created.labels.stack;
    const { signal } = this.abort;
    this.#starter = new ContainerStarter({ engine, settings, signal, emit, created });
    // Before the first start, so that no line is missed; nothing waits for it.
    if (settings.logs !== undefined) {
      this.#logs = new LogCapture({
        engine,
        environment: this.name,
        id: this.id,
        model: created.model,
        settings: settings.logs,
        emit,
      });
    }
    this.moveTo("starting");
    this.#createdMs = Date.now() - beganAt;
    this.#firstRun = this.#start(this.#targets(), settings.services, (service, id) =>
      this.#starter.start(service, id),
    );
    this.#run = this.#firstRun;
    this.#run.done.then(
      () => {
        this.moveTo("running");
        const sinceAcquireMs = Date.now() - beganAt;
        const { name: environment, profile } = this;
        emit({ type: "environment:ready", environment, sinceAcquireMs, profile });
        writeLastStart(this.stackHash, profile);
        void this.#logs?.tidy();
      },
      () => {
        // A start that a release cut short has not failed.
        if (!this.abort.signal.aborted) this.moveTo("failed");
      },
    );
  }

  get created(): CreatedEnvironment {
    return this.#starter.created;
  }

  get services(): Readonly<Record<string, ServiceInfo>> {
    return describeServices(this.created);
  }

  get ports(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      Object.entries(this.services).flatMap(([name, { port }]) =>
        port === undefined ? [] : [[name, port]],
      ),
    );
  }

  /** How many containers each service was given. */
  get containerCounts(): ReadonlyMap<string, number> {
    return new Map([...this.created.containers].map(([name, { length }]) => [name, length]));
  }

  get logFolder(): string | undefined {
    return this.#logs?.folder;
  }

  maskSecrets(text: string): string {
    this.#mask ??= createMask(this.created.model);
    return this.#mask(text);
  }

  /** Removes all of it from the engine, and reads to their end the logs that end with that. */
  async remove(): Promise<void> {
    this.#logs?.releasing();
    await removeWatched(this.engine.client, this.created.labels);
    await this.#logs?.close();
  }

  get state(): EnvironmentState {
    return this.#state;
  }

  /** Where the time of its start went; a restart of a service does not count. */
  get profile(): StartProfile {
    return this.#firstRun.profile(this.#createdMs);
  }

  /** Takes the step if it exists from here: a release that overtakes a start is no error. */
  moveTo(to: EnvironmentState): void {
    const from = this.#state;
    if (!canMove(from, to)) return;
    this.#state = to;
    this.#emit({ type: "environment:state", environment: this.name, from, to });
  }

  /** Resolves when ready; throws what `awaitRun` throws. */
  wait(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return awaitRun(this.#run, timeoutMs, signal);
  }

  /** Stops the services as they wish to be stopped; one that had to be killed shows in the state. */
  async stop(): Promise<void> {
    const { model, containers } = this.created;
    const graceSecondsOf = (service: string) => graceSeconds(model.services[service]);
    await stopGracefully({
      engine: this.engine.client,
      nodes: startNodes(model),
      containersOf: (service) => (containers.get(service) ?? []).map(({ id }) => id),
      graceSecondsOf,
      onForceKilled: (service) => {
        const graceMs = graceSecondsOf(service) * 1_000;
        this.#emit({ type: "service:force-killed", environment: this.name, service, graceMs });
        this.moveTo("force-killed");
      },
    });
  }

  /**
   * Restarts a service with its own grace, on the same ports, then those that depend on it with
   * `restart: true`, and waits until they are ready again.
   */
  async restart(service: string, timeoutMs: number): Promise<void> {
    const all = this.#targets();
    if (!all.some((candidate) => candidate.service === service)) {
      throw unknownService(service, Object.keys(this.services));
    }
    const targets = restartOrder(all, [service]);
    tellFollowers(this.name, targets, [service], this.#emit);
    this.#run = this.#start(targets, [service], async (name, id) => {
      const grace = graceSeconds(this.created.model.services[name]);
      await this.engine.client.restartContainer(id, grace, this.abort.signal);
      return id;
    });
    await this.wait(timeoutMs);
  }

  #start(
    targets: readonly StartTarget[],
    named: readonly string[],
    startContainer: (service: string, id: string) => Promise<string>,
  ): StartRun {
    return new StartRun({
      engine: this.engine.client,
      environment: this.name,
      events: this.engine.events,
      id: this.id,
      targets,
      named,
      emit: this.#emit,
      mask: (text) => this.maskSecrets(text),
      beganAt: this.#beganAt,
      startContainer,
      untilReady: (...probe) => this.#untilReady(...probe),
      signal: this.abort.signal,
    });
  }

  async #untilReady(
    service: string,
    container: ContainerDetails,
    signal: AbortSignal,
    findings: Findings,
  ): Promise<void> {
    const definition = this.created.model.services[service];
    const waitFor = this.settings.waitFor[service];
    const isChecked = container.check !== undefined && waitFor === undefined;
    const probe = untilReady({
      engine: this.engine.client,
      container,
      host: this.created.host,
      kind: kindOfImage(definition?.image),
      user: definition?.environment?.["POSTGRES_USER"] ?? "postgres",
      waitFor,
      timeoutMs: this.settings.timeoutMs,
      signal,
      findings,
    });
    try {
      await probe;
      if (isChecked) this.#logs?.noteHealth(container, "healthy");
    } catch (error) {
      if (error instanceof CheckFailure) this.#logs?.noteHealth(container, "unhealthy");
      throw error;
    }
  }

  #targets(): StartTarget[] {
    const { model, original, containers } = this.created;
    const done = completable(original, this.settings.publish);
    return startNodes(model).map((node) => {
      return {
        ...node,
        image: model.services[node.service]?.image ?? "",
        containers: (containers.get(node.service) ?? []).map(({ id }) => id),
        mayComplete: done.has(node.service),
        hasOwnProbe:
          this.settings.waitFor[node.service] !== undefined ||
          (kindOfImage(model.services[node.service]?.image)?.startsTwice ?? false),
      };
    });
  }
}

function describeServices(created: CreatedEnvironment): Record<string, ServiceInfo> {
  return Object.fromEntries(
    Object.entries(created.model.services).map(([name, definition]) => {
      const containers = (created.containers.get(name) ?? []).map(({ id }) => id);
      const ports = publishedPorts(definition, created.host);
      return [name, describeService(name, definition, ports, containers)];
    }),
  );
}

/** A range belongs to replicas: one port each. */
function publishedPorts(definition: ComposeService, host: string): PublishedPort[] {
  return (definition.ports ?? []).flatMap((port) => {
    const [first = 0, last = first] = (port.published ?? "").split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => ({
      containerPort: port.target,
      protocol: protocolOf(port),
      host,
      port: first + index,
    }));
  });
}

function graceSeconds(definition: ComposeService | undefined): number {
  const grace = parseDuration(definition?.stop_grace_period);
  return grace === undefined ? DEFAULT_GRACE_SECONDS : Math.ceil(grace / 1_000);
}

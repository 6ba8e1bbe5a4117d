import { adoptEnvironment } from "./adoption/adopt-environment.ts";
import type { AdoptedEnvironment } from "./adoption/adopted-environment.ts";
import type { DoctorReport } from "./doctor/finding.ts";
import { type ConnectedEngine, connectEngine } from "./engine/connect.ts";
import { findReachableHost } from "./engine/reachable-host.ts";
import { resolveStack } from "./engine/resolve-stack.ts";
import type {
  Environment,
  EnvironmentSummary,
  HealthReport,
  StackSummary,
  SweepDecision,
  SweepReport,
} from "./environment.ts";
import { RealServicesError } from "./errors.ts";
import type { LifecycleEvent, LifecycleListener } from "./events.ts";
import { reportHealth } from "./health/report.ts";
import { summarize } from "./health/summary.ts";
import { ManagedEnvironment } from "./managed-environment.ts";
import type {
  HealthOptions,
  ReleaseOptions,
  RestartOptions,
  SweepOptions,
  WaitOptions,
} from "./manager-options.ts";
import { type DiskUse, readDiskUse, removeBuiltImages } from "./operations/disk-use.ts";
import { FoundEnvironment } from "./operations/found-environment.ts";
import { removeChosen } from "./operations/remove-chosen.ts";
import { stopServices } from "./operations/stop-services.ts";
import type { EnvironmentOptions } from "./options.ts";
import { chooseByName, pickByName, unknownEnvironment } from "./ownership/choose-environment.ts";
import { renewLease } from "./ownership/lease.ts";
import { writeOwner } from "./ownership/owner.ts";
import { readOwnIdentity } from "./ownership/process-identity.ts";
import { type JudgedEnvironment, judgeEnvironments, sweep } from "./ownership/sweep.ts";
import { letGo, removeWatched, startWatchdog, watch } from "./ownership/watchdog.ts";
import { checkOption, DEFAULT_LEASE_MS, resolveSettings, type Settings } from "./settings.ts";
import type { EnvironmentLabels } from "./stack/labels.ts";
import { createEnvironment } from "./startup/create-environment.ts";
import { readLastStart } from "./startup/last-start.ts";
import { startNodes } from "./startup/start-nodes.ts";

/**
 * Acquires, watches and releases environments.
 *
 * @example
 * const manager = new EnvironmentManager({ compose: "docker-compose.yml" });
 * const { name, services } = await manager.acquireEnvironment();
 * await manager.waitForServices();
 * // … services.postgres.url …
 * await manager.releaseEnvironment(name);
 */
export class EnvironmentManager {
  readonly #options: EnvironmentOptions;
  readonly #listeners = new Set<LifecycleListener>();
  readonly #environments = new Map<string, ManagedEnvironment>();
  readonly #adopted = new Map<string, AdoptedEnvironment>();
  readonly #releases = new Map<string, Promise<void>>();
  #engine: Promise<ConnectedEngine> | undefined;

  /** @param options What every `acquireEnvironment` starts from. */
  constructor(options: EnvironmentOptions = {}) {
    this.#options = options;
  }

  /** Registers a listener for everything that happens; returns the function that removes it. */
  subscribe(listener: LifecycleListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Creates an isolated copy of the stack and begins to start it. Resolves once its ports are
   * known; `waitForServices` tells when it is ready. Leaves nothing behind when it throws.
   */
  async acquireEnvironment(overrides: EnvironmentOptions = {}): Promise<Environment> {
    const settings = this.#settings(overrides);
    const beganAt = Date.now();
    const signal = settings.signal ?? new AbortController().signal;
    signal.throwIfAborted();
    // Together: neither needs the other. Loading what talks to the engine keeps this thread busy for
    // longer than Compose needs to answer, so Compose is asked first. The engine's failure is told
    // first, it explains more.
    const asked = Promise.withResolvers<void>();
    const resolving = resolveStack(settings, asked.resolve).finally(asked.resolve);
    const [engineResult, stackResult] = await Promise.allSettled([
      asked.promise.then(() => this.#connect(settings)),
      resolving,
    ]);
    if (engineResult.status === "rejected") throw engineResult.reason;
    if (stackResult.status === "rejected") throw stackResult.reason;
    const engine = engineResult.value;
    if (settings.adopt && settings.shard === undefined) {
      const adopted = await adoptEnvironment(engine, stackResult.value, settings, this.#emit);
      if (adopted !== undefined) {
        this.#adopted.set(adopted.name, adopted);
        return adopted;
      }
    }
    // Every name that was given to it: the last is its own, those before had belonged to somebody.
    const given: EnvironmentLabels[] = [];
    // A lease answers for itself.
    if (settings.leaseMs === undefined) startWatchdog();
    try {
      const created = await createEnvironment({
        engine,
        stack: stackResult.value,
        settings,
        emit: this.#emit,
        onNamed: (labels) => {
          given.push(labels);
          watch(labels, engine);
        },
        sweep: () => this.#sweep(engine, signal),
        signal,
      });
      const environment = new ManagedEnvironment(created, engine, settings, this.#emit, beganAt);
      this.#environments.set(environment.name, environment);
      signal.addEventListener("abort", () => environment.abort.abort(signal.reason), {
        once: true,
      });
      // Beside the start, never in its way. The engine may since have finished what was given up.
      void removeGivenUp(engine, given.slice(0, -1));
      void this.#sweep(engine);
      return environment;
    } catch (error) {
      // Not with the caller's signal: an aborted acquire has to clean up as well.
      await removeGivenUp(engine, given);
      throw error;
    }
  }

  /**
   * Resolves when every acquired environment is ready, or the one named. Throws as soon as one
   * cannot be: REAL_SERVICES_SERVICE_EXITED, REAL_SERVICES_SERVICE_UNHEALTHY, REAL_SERVICES_TIMEOUT
   * or, where the engine itself has gone, REAL_SERVICES_ENGINE_FAILED, each with post-mortems.
   */
  async waitForServices(options: WaitOptions = {}): Promise<void> {
    checkOption("timeoutMs", options.timeoutMs);
    const waiting =
      options.environment === undefined
        ? [...this.#environments.values(), ...this.#adopted.values()]
        : [this.#adopted.get(options.environment) ?? this.#acquired(options.environment)];
    await Promise.all(
      waiting.map((environment) =>
        environment.wait(
          options.timeoutMs ?? environment.settings.timeoutMs,
          options.signal ?? environment.settings.signal,
        ),
      ),
    );
  }

  /**
   * Kills and removes an environment with its networks and volumes, and gives its ports back: one
   * acquired here, or any found on the engine by name. One that was adopted is only left. Throws
   * REAL_SERVICES_UNKNOWN_ENVIRONMENT, REAL_SERVICES_OWNER_ALIVE, REAL_SERVICES_RELEASE_INCOMPLETE.
   */
  releaseEnvironment(name: string, options: ReleaseOptions = {}): Promise<void> {
    const adopted = this.#adopted.get(name);
    if (adopted !== undefined) {
      this.#adopted.delete(name);
      return adopted.leave();
    }
    const underWay = this.#releases.get(name);
    if (underWay !== undefined) return underWay;
    const began = Date.now();
    const environment = this.#environments.get(name);
    const removal =
      environment === undefined
        ? this.#releaseFound(name, options)
        : this.#releaseAcquired(environment);
    const release = removal
      .then(() => {
        const durationMs = Date.now() - began;
        this.#emit({ type: "environment:released", environment: name, durationMs });
      })
      .finally(() => this.#releases.delete(name));
    this.#releases.set(name, release);
    return release;
  }

  async #releaseAcquired(environment: ManagedEnvironment): Promise<void> {
    environment.moveTo("stopping");
    environment.abort.abort(
      new RealServicesError("REAL_SERVICES_ABORTED", `${environment.name} is being released.`),
    );
    this.#environments.delete(environment.name);
    if (environment.settings.stop === "graceful") await environment.stop();
    try {
      await environment.remove();
    } catch (error) {
      // It is still ours: the release can be tried again.
      environment.moveTo("failed");
      this.#environments.set(environment.name, environment);
      throw error;
    }
    environment.created.leases.release();
    environment.moveTo("stopped");
  }

  async #releaseFound(name: string, { force, graceful }: ReleaseOptions): Promise<void> {
    const engine = await this.#connect(this.#settings({}));
    const { inventory, owner } = await this.#find(engine, name);
    const { labels } = inventory;
    // Another manager of this very process may release as well as the one that acquired.
    const isOwn = labels.owner === writeOwner(await readOwnIdentity());
    if (owner.kind === "process" && owner.liveness !== "dead" && !isOwn && force !== true) {
      throw new RealServicesError(
        "REAL_SERVICES_OWNER_ALIVE",
        `${name} belongs to ${owner.description}, which ${owner.liveness === "alive" ? "is alive" : "cannot be checked from here"}.`,
        { received: name, hint: "Stop that process, or force the release." },
      );
    }
    if (graceful === true) await stopServices(engine.client, inventory, this.#emit);
    await removeWatched(engine.client, labels);
  }

  /**
   * Makes a lease the owner of an environment, or renews the one it has: it outlives this process
   * until the deadline. @param options `leaseMs` in milliseconds, @default 3_600_000
   */
  async leaseEnvironment(
    name: string,
    options: { readonly leaseMs?: number } = {},
  ): Promise<{ readonly until: string }> {
    checkOption("leaseMs", options.leaseMs);
    const leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS;
    const acquired = this.#environments.get(name);
    const engine = acquired?.engine ?? (await this.#connect(this.#settings({})));
    const labels = acquired?.created.labels ?? (await this.#find(engine, name)).inventory.labels;
    const untilMs = Date.now() + engine.clockOffsetMs + leaseMs;
    const until = await renewLease(engine.client, labels, untilMs);
    letGo(labels.id);
    return { until };
  }

  /**
   * Restarts a service with its own grace period, same ports, then those that depend on it with
   * `restart: true`, and waits until they are ready again.
   */
  async restartService(service: string, options: RestartOptions = {}): Promise<void> {
    checkOption("timeoutMs", options.timeoutMs);
    const environment = this.#acquired(options.environment);
    await environment.restart(service, options.timeoutMs ?? environment.settings.timeoutMs);
  }

  /**
   * The text without the values of those variables of an environment whose names look secret, and
   * without the passwords in its commands and health checks. Of an environment that was not acquired
   * here, or is gone, nothing is known, and nothing is hidden.
   */
  maskSecrets(text: string, options: { readonly environment: string }): string {
    const { environment: name } = options;
    const environment = this.#environments.get(name) ?? this.#adopted.get(name);
    return environment?.maskSecrets(text) ?? text;
  }

  /**
   * The health of every environment acquired here, of the one named, or of all that there are on the
   * engine, on three levels. Throws REAL_SERVICES_UNKNOWN_ENVIRONMENT, also when of all there is none.
   */
  async getHealthReport(options: HealthOptions = {}): Promise<HealthReport> {
    const settings = this.#settings({});
    const engine = await this.#connect(settings);
    const { environment, all = false } = options;
    const names = environment === undefined ? [...this.#environments.keys()] : [environment];
    const judged = await judgeEnvironments({ ...sweepDefaults, ...engineOf(engine) });
    if (all && judged.length === 0) throw unknownEnvironment(undefined, []);
    const found = all ? judged : names.map((name) => pickByName(judged, name));
    const inventories = found.map(({ inventory }) => inventory);
    const report = await reportHealth(engine.client, inventories, (name) => {
      const acquired = this.#environments.get(name);
      const paths = { ...settings.endpoints, ...acquired?.settings.endpoints };
      const endpoints = new Map(
        Object.entries(paths).map(([service, path]) => {
          const { host, port } = acquired?.services[service] ?? {};
          const address = port === undefined ? undefined : `${host}:${port}`;
          return [service, { path, address }];
        }),
      );
      return { endpoints, created: acquired?.containerCounts ?? new Map() };
    });
    const environments = report.environments.map((environment) => {
      const startup = this.#environments.get(environment.name)?.profile;
      return startup === undefined ? environment : { ...environment, startup };
    });
    return { ...report, environments };
  }

  /**
   * An environment on the engine, whichever process began it, for operations by hand.
   * @param name its name, or the beginning of it; @default the only one there is.
   * Throws REAL_SERVICES_UNKNOWN_ENVIRONMENT, REAL_SERVICES_AMBIGUOUS_ENVIRONMENT with the names.
   */
  async findEnvironment(name?: string): Promise<FoundEnvironment> {
    const settings = this.#settings({});
    const engine = await this.#connect(settings);
    const judged = await judgeEnvironments({ ...sweepDefaults, ...engineOf(engine) });
    const { host } = await findReachableHost(engine.client, settings);
    const sweepNow = () => this.cleanupOrphanedContainers();
    const found = chooseByName(judged, name);
    return new FoundEnvironment({ engine, found, host, emit: this.#emit, sweep: sweepNow });
  }

  /** Variables by which the docker command finds the engine that we use. */
  async engineVariables(): Promise<Readonly<Record<string, string>>> {
    return (await this.#connect(this.#settings({}))).client.endpoint.cliEnv;
  }

  /** Every environment on the engine, whichever process began it. */
  async listEnvironments(): Promise<readonly EnvironmentSummary[]> {
    const engine = await this.#connect(this.#settings({}));
    const judged = await judgeEnvironments({ ...sweepDefaults, ...engineOf(engine) });
    return Promise.all(judged.map((environment) => summarize(engine.client, environment)));
  }

  /** Removes what is provably orphaned, and says of everything else why it was kept. */
  async cleanupOrphanedContainers(options: SweepOptions = {}): Promise<SweepReport> {
    const engine = await this.#connect(this.#settings({}));
    const dryRun = options.dryRun ?? false;
    const decisions = await sweep({
      ...engineOf(engine),
      olderThanMs: options.olderThanMs ?? 0,
      dryRun,
    });
    this.#emitDecisions(decisions);
    return { dryRun, decisions };
  }

  /**
   * Removes environments that a person has chosen, whoever owns them: those named, or all, as far as
   * they are old enough. Nothing that is not ours is touched. Throws REAL_SERVICES_UNKNOWN_ENVIRONMENT.
   */
  async removeEnvironments(
    options: SweepOptions & { readonly names?: readonly string[] } = {},
  ): Promise<SweepReport> {
    const engine = await this.#connect(this.#settings({}));
    const judged = await judgeEnvironments({ ...sweepDefaults, ...engineOf(engine) });
    const { names, dryRun = false, olderThanMs = 0 } = options;
    const chosen = names === undefined ? judged : names.map((name) => pickByName(judged, name));
    const now = Date.now() + engine.clockOffsetMs;
    const decisions = await removeChosen(engine.client, chosen, { dryRun, olderThanMs, now });
    this.#emitDecisions(decisions);
    return { dryRun, decisions };
  }

  /** Removes images that were built for environments and that no container uses. */
  async removeBuiltImages(
    options: { readonly dryRun?: boolean } = {},
  ): ReturnType<typeof removeBuiltImages> {
    const { client } = await this.#connect(this.#settings({}));
    return removeBuiltImages(client, options.dryRun ?? false);
  }

  /** What takes room on the engine and is ours. */
  async diskUse(): Promise<DiskUse> {
    const { client } = await this.#connect(this.#settings({}));
    return readDiskUse(client);
  }

  /**
   * As `cleanupOrphanedContainers`, but only orphans that are also old. Age narrows the set, it
   * never widens it. @param options `olderThanMs` in milliseconds, @default 3_600_000
   */
  cleanupOldEnvironments(options: SweepOptions = {}): Promise<SweepReport> {
    const { olderThanMs = 3_600_000 } = options;
    return this.cleanupOrphanedContainers({ ...options, olderThanMs });
  }

  /** Looks at the engine, its host and the stack, and says what is wrong and what to do. Changes nothing. */
  async diagnose(overrides: EnvironmentOptions = {}): Promise<DoctorReport> {
    const settings = this.#settings({ startEngine: false, ...overrides });
    const { diagnose } = await import("./doctor/diagnose.ts");
    return diagnose(settings, () => this.#connect(settings));
  }

  /** Reads a stack without touching the engine: equal hashes mean that one environment serves both. */
  async resolveStack(overrides: EnvironmentOptions = {}): Promise<StackSummary> {
    const { hash, model } = await resolveStack(this.#settings(overrides));
    const graph = startNodes(model).map(({ service, dependsOn }) => ({
      service,
      image: model.services[service]?.image,
      dependsOn: dependsOn.map(({ restart: _restart, ...dependency }) => dependency),
    }));
    return { hash, services: Object.keys(model.services), graph, lastStart: readLastStart(hash) };
  }

  readonly #emit = (event: LifecycleEvent): void => {
    for (const listener of this.#listeners) listener(event);
  };

  #settings(overrides: EnvironmentOptions): Settings {
    return resolveSettings({ ...this.#options, ...overrides }, process.env);
  }

  #connect(settings: Settings): Promise<ConnectedEngine> {
    this.#engine ??= connectEngine({
      startEngine: settings.startEngine,
      emit: this.#emit,
      signal: settings.signal,
    }).catch((error) => {
      // The next call tries again: an engine may be started meanwhile.
      this.#engine = undefined;
      throw error;
    });
    return this.#engine;
  }

  #acquired(name: string | undefined): ManagedEnvironment {
    const all = [...this.#environments.values()];
    const found = name === undefined ? all[0] : this.#environments.get(name);
    if (name === undefined && all.length > 1) {
      throw new RealServicesError(
        "REAL_SERVICES_AMBIGUOUS_ENVIRONMENT",
        `There are ${all.length} environments: ${all.map((one) => one.name).join(", ")}.`,
        { hint: "Name one by the option `environment`." },
      );
    }
    if (found === undefined)
      throw unknownEnvironment(
        name,
        all.map((one) => one.name),
      );
    return found;
  }

  async #find(engine: ConnectedEngine, name: string): Promise<JudgedEnvironment> {
    return pickByName(await judgeEnvironments({ ...sweepDefaults, ...engineOf(engine) }), name);
  }

  /** One that fails is tried again by the next acquire; it must not fail this one. */
  async #sweep(engine: ConnectedEngine, signal?: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(SWEEP_MS);
    const both = signal === undefined ? limit : AbortSignal.any([limit, signal]);
    const request = { ...sweepDefaults, ...engineOf(engine), dryRun: false, signal: both };
    const decisions = await sweep(request).catch(() => []);
    this.#emitDecisions(decisions);
  }

  #emitDecisions(decisions: readonly SweepDecision[]): void {
    for (const decision of decisions) this.#emit({ type: "sweep", decision });
  }
}

/** What one acquire gives to what others left; what it does not get done is the next one's. */
const SWEEP_MS = 20_000;
const sweepDefaults = { olderThanMs: 0, dryRun: true };

/** What cannot be removed now is left to the watchdog and the next sweep. */
async function removeGivenUp(
  { client }: ConnectedEngine,
  given: readonly EnvironmentLabels[],
): Promise<void> {
  await Promise.allSettled(given.map((labels) => removeWatched(client, labels)));
}

function engineOf({ client, clockOffsetMs }: ConnectedEngine) {
  return { engine: client, clockOffsetMs };
}

let defaultManager: EnvironmentManager | undefined;

/** The manager of this process, made on first use with default options. */
export function getDefaultManager(): EnvironmentManager {
  defaultManager ??= new EnvironmentManager();
  return defaultManager;
}

import type { EngineEvents } from "../engine/engine-events.ts";
import type { ContainerDetails, EngineEvent } from "../engine/engine-shapes.ts";
import { engineStatus } from "../engine/engine-status.ts";
import type { StartProfile } from "../environment.ts";
import type { LifecycleListener } from "../events.ts";
import type { Mask } from "../secrets.ts";
import { collectPostMortem, type Explanation } from "./collect-post-mortem.ts";
import { type ContainerExpectation, judgeContainer } from "./judge-container.ts";
import {
  blockersOf,
  isOptional,
  isUnsettled,
  planNext,
  type StartNode,
  type StartState,
  waitersOf,
} from "./planner.ts";
import { type PortConflict, portConflict } from "./port-conflict.ts";
import type { PostMortem } from "./post-mortem.ts";
import { type ProbeOptions, Probes } from "./readiness/probes.ts";
import { WaitFailure } from "./readiness/wait-strategy.ts";
import { StartClock } from "./start-clock.ts";
import { startError } from "./start-error.ts";

/** A service to start, with what is needed to see that it is ready. */
export interface StartTarget extends StartNode, ContainerExpectation {
  readonly containers: readonly string[];
  readonly image: string;
}

export interface StartRunOptions extends ProbeOptions {
  readonly events: EngineEvents;
  readonly environment: string;
  /** Of the environment, as its labels have it. */
  readonly id: string;
  readonly targets: readonly StartTarget[];
  /** Services that the user named: the others may do without one, the user does not. */
  readonly named: readonly string[];
  readonly emit: LifecycleListener;
  readonly mask: Mask;
  /** When acquire began, in milliseconds since the epoch. */
  readonly beganAt: number;
  /** Starts a container and says which one runs now: a lost race for a port may need another. */
  readonly startContainer: (service: string, id: string) => Promise<string>;
  readonly signal: AbortSignal;
}

/** The engine tells what happens; this looks again in case its event stream was cut. */
const RECONCILE_MS = 1_000;

/**
 * Starts an environment's services in the order of their dependencies and watches them until each
 * is ready, or one cannot become it. Gated on the engine's events.
 */
export class StartRun {
  /** Settles once: all ready, or the first failure, with its post-mortems. */
  readonly done: Promise<void>;
  readonly #options: StartRunOptions;
  readonly #states = new Map<string, StartState>();
  readonly #targets = new Map<string, StartTarget>();
  readonly #containers = new Map<string, readonly string[]>();
  readonly #serviceOf = new Map<string, string>();
  /** Whose start the engine has confirmed: before that, a restart's own end is no news. */
  readonly #startedContainers = new Set<string>();
  readonly #outcomes = new Map<string, "ready" | "completed">();
  /** The exit codes that the engine told of: one that was started again shows none any more. */
  readonly #exitCodes = new Map<string, number>();
  /** So the engine told: it forgets that as well, and at times its own flag. */
  readonly #outOfMemory = new Set<string>();
  readonly #probes: Probes;
  readonly #explanations: Promise<Explanation>[] = [];
  /** Of services that the others do without; each is told before the outcome. */
  readonly #losses: Promise<void>[] = [];
  /** It says all there is to say: a post-mortem has nothing to add. */
  #conflict: PortConflict | undefined;
  readonly #clock: StartClock;
  #isSettling = false;
  readonly #settled = Promise.withResolvers<void>();
  /** Ends probes and the event stream once the outcome is known. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;

  constructor(options: StartRunOptions) {
    this.#options = options;
    this.#clock = new StartClock(options.targets, options.beganAt);
    for (const target of options.targets) {
      this.#states.set(target.service, "waiting");
      this.#targets.set(target.service, target);
      this.#setContainers(target.service, target.containers);
    }
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    this.#probes = new Probes(options, this.#signal);
    this.done = this.#run();
    // Whoever waits gets the failure; until then it must not count as unhandled.
    this.done.catch(() => {});
  }

  /** The services that are not ready yet. */
  pending(): string[] {
    return [...this.#states].filter(([, state]) => isUnsettled(state)).map(([service]) => service);
  }

  /** What keeps the services that are not ready, for a wait that ran out of time. */
  explainPending(): Promise<Explanation[]> {
    return Promise.all(this.pending().map((service) => this.#explain(service, "timeout")));
  }

  /** Where the time went, as far as it has got. */
  profile(createdMs: number): StartProfile {
    return this.#clock.profile(this.#options.targets, createdMs);
  }

  #setContainers(service: string, ids: readonly string[]): void {
    this.#containers.set(service, ids);
    for (const id of ids) this.#serviceOf.set(id, service);
  }

  async #run(): Promise<void> {
    try {
      // First the ears, then the first start: no event can be missed.
      await this.#options.events.subscribe(
        this.#options.id,
        { onEvent: (event) => this.#hear(event), onReopened: () => void this.#reconcile() },
        this.#signal,
      );
      const timer = setInterval(() => void this.#reconcile(), RECONCILE_MS);
      this.#signal.addEventListener("abort", () => clearInterval(timer), { once: true });
      const onAbort = () => this.#settled.reject(this.#options.signal.reason);
      this.#options.signal.addEventListener("abort", onAbort, { once: true });
      this.#advance();
      await this.#settled.promise.finally(() => {
        this.#options.signal.removeEventListener("abort", onAbort);
      });
    } finally {
      this.#stop.abort(new Error("The start has come to its end."));
    }
  }

  #hear(event: EngineEvent): void {
    const service = this.#serviceOf.get(event.containerId);
    if (service === undefined || this.#signal.aborted) return;
    if (event.action === "oom") this.#outOfMemory.add(event.containerId);
    if (!this.#startedContainers.has(event.containerId)) return;
    if (event.action === "die") {
      this.#exitCodes.set(event.containerId, Number(event.attributes["exitCode"]));
    }
    if (event.action !== "oom") void this.#look(event.containerId);
  }

  async #reconcile(): Promise<void> {
    const watched = [...this.#targets.values()].filter((target) => this.#isUndecided(target));
    await Promise.all(
      watched
        .flatMap(({ service }) => this.#containers.get(service) ?? [])
        .filter((id) => this.#startedContainers.has(id))
        .map((id) => this.#look(id)),
    );
  }

  /** Asks the engine about one container and draws the conclusion. */
  async #look(id: string): Promise<void> {
    const service = this.#serviceOf.get(id);
    const target = service === undefined ? undefined : this.#targets.get(service);
    if (target === undefined || this.#signal.aborted) return;
    let details: ContainerDetails;
    try {
      details = await this.#options.engine.inspectContainer(id, this.#signal);
    } catch (error) {
      // An engine that does not answer now is asked again; a container that is gone will not return.
      if (this.#signal.aborted || engineStatus(error) !== 404) return;
      this.#fail(target.service, this.#explain(target.service, "removed"));
      return;
    }
    if (!this.#isUndecided(target) || this.#signal.aborted) return;
    const verdict = judgeContainer(details, target);
    if (verdict.is === "ready" || verdict.is === "completed") this.#containerReady(id, verdict.is);
    else if (verdict.is === "running") {
      if (!target.mustComplete) void this.#probe(target.service, details);
    } else if (verdict.is === "failed") {
      this.#fail(target.service, this.#explain(target.service, verdict.reason));
    }
  }

  async #probe(service: string, details: ContainerDetails): Promise<void> {
    const outcome = await this.#probes.probe(service, details);
    if (outcome === "ready") this.#containerReady(details.id, "ready");
    else if (outcome instanceof WaitFailure) {
      this.#fail(service, this.#explain(service, "unhealthy", outcome));
    } else if (outcome !== undefined) this.#fail(service, this.#explain(service, "unhealthy"));
  }

  /** Started and not ready; or ready, while somebody waits for its end. */
  #isUndecided(target: StartTarget): boolean {
    const state = this.#states.get(target.service);
    return state === "started" || (state === "ready" && target.mustComplete);
  }

  #containerReady(id: string, outcome: "ready" | "completed"): void {
    const service = this.#serviceOf.get(id);
    const target = service === undefined ? undefined : this.#targets.get(service);
    if (target === undefined || !this.#isUndecided(target)) return;
    this.#outcomes.set(id, outcome);
    const containers = this.#containers.get(target.service) ?? [];
    const outcomes = containers.map((other) => this.#outcomes.get(other));
    if (outcomes.includes(undefined)) return;
    // Replicas of which some still run have not completed.
    const state = outcomes.every((one) => one === "completed") ? "completed" : "ready";
    if (this.#states.get(target.service) === state) return;
    this.#states.set(target.service, state);
    this.#options.emit({
      type: "service:ready",
      environment: this.#options.environment,
      service: target.service,
      sinceAcquireMs: this.#clock.note(target.service, "readyMs"),
      completed: state === "completed",
    });
    this.#advance();
  }

  #advance(): void {
    const { start, skip } = planNext(this.#options.targets, this.#states);
    for (const service of skip) this.#skip(service);
    for (const service of start) void this.#startService(service);
    if (skip.length > 0) this.#advance();
    else if (![...this.#states.values()].some(isUnsettled)) void this.#settle();
  }

  #skip(service: string): void {
    this.#states.set(service, "skipped");
    const target = this.#targets.get(service);
    for (const blocker of target === undefined ? [] : blockersOf(target, this.#states)) {
      const state = this.#states.get(blocker);
      // It ended well, but a healthy service was waited for: its end is the failure.
      if (state === "completed") this.#fail(blocker, this.#explain(blocker, "exited"));
      if (state !== undefined) continue;
      const cause = new Error(`It depends on “${blocker}”, which is not part of the environment.`);
      this.#fail(service, this.#explain(service, "not-started", cause));
    }
  }

  async #startService(service: string): Promise<void> {
    this.#states.set(service, "starting");
    this.#clock.note(service, "requestedMs");
    let containers = this.#containers.get(service) ?? [];
    try {
      containers = await Promise.all(
        containers.map((id) => this.#options.startContainer(service, id)),
      );
      this.#setContainers(service, containers);
      this.#states.set(service, "started");
    } catch (error) {
      const { engine } = this.#options;
      const conflict = await portConflict(engine, service, error, this.#signal);
      if (this.#signal.aborted) return;
      this.#conflict ??= conflict;
      this.#fail(service, this.#explain(service, "not-started", conflict ?? error));
      return;
    }
    if (this.#signal.aborted) return;
    if (containers.length === 0) {
      // `scale: 0`: there is nothing to wait for, and nothing to tell.
      this.#states.set(service, "ready");
      this.#advance();
      return;
    }
    this.#options.emit({
      type: "service:started",
      environment: this.#options.environment,
      service,
      sinceAcquireMs: this.#clock.note(service, "startedMs"),
    });
    // Dependants that wait for `service_started` may go on; the container may even have ended.
    this.#advance();
    for (const id of containers) {
      this.#startedContainers.add(id);
      void this.#look(id);
    }
  }

  #fail(service: string, explanation: Promise<Explanation>): void {
    if (this.#states.get(service) === "failed") return;
    this.#states.set(service, "failed");
    const { named, targets } = this.#options;
    if (!named.includes(service) && isOptional(targets, service)) {
      this.#losses.push(this.#tellLoss(service, explanation));
      this.#advance();
      return;
    }
    this.#explanations.push(explanation);
    // The outcome is known: nothing else is waited for.
    void this.#settle();
  }

  /** Nobody requires it (`required: false`), so the others go on without it, as with Compose. */
  async #tellLoss(service: string, explanation: Promise<Explanation>): Promise<void> {
    const { environment, emit } = this.#options;
    const { postMortem } = await explanation;
    const message = "nothing requires it (required: false): the start goes on without it";
    emit({ type: "service:failed", environment, service, postMortem });
    emit({ type: "warning", environment, service, message });
  }

  async #settle(): Promise<void> {
    if (this.#isSettling) return;
    this.#isSettling = true;
    try {
      await Promise.all(this.#losses);
      if (this.#explanations.length === 0) {
        this.#settled.resolve();
        return;
      }
      const explanations = await Promise.all(this.#explanations);
      const { environment, emit } = this.#options;
      for (const { postMortem } of explanations) {
        emit({ type: "service:failed", environment, service: postMortem.service, postMortem });
      }
      this.#settled.reject(this.#conflict ?? startError(explanations));
    } catch (error) {
      this.#settled.reject(error);
    }
  }

  #explain(service: string, reason: PostMortem["reason"], cause?: unknown): Promise<Explanation> {
    const { engine, targets, mask, signal } = this.#options;
    const containers = this.#containers.get(service) ?? [];
    const id = containers.find((other) => !this.#outcomes.has(other)) ?? containers[0];
    return collectPostMortem({
      engine,
      service,
      container: id,
      image: this.#targets.get(service)?.image ?? "",
      findings: id === undefined ? undefined : this.#probes.findings(id),
      lastExitCode: id === undefined ? undefined : this.#exitCodes.get(id),
      wasOutOfMemory: id !== undefined && this.#outOfMemory.has(id),
      reason,
      cause,
      waitedForBy: waitersOf(targets, service),
      mask,
      signal,
    });
  }
}

import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ConnectedEngine } from "../engine/connect.ts";
import type { ContainerAccount, ContainerDetails, EngineEvent } from "../engine/engine-shapes.ts";
import type { LifecycleListener } from "../events.ts";
import { createMask } from "../secrets.ts";
import type { LogSettings } from "../settings.ts";
import { LABEL } from "../stack/labels.ts";
import type { ComposeModel } from "../stack/model.ts";
import {
  type ContainerPast,
  containerOf,
  describeEvent,
  ENGINE_RESTART,
} from "./container-events.ts";
import { ContainerFollower } from "./container-follower.ts";
import {
  afterEvent,
  type ContainerRun,
  missedEvents,
  NEVER_STARTED,
  runOf,
} from "./container-run.ts";
import { LogWriter } from "./log-writer.ts";

export interface CaptureOptions {
  readonly engine: ConnectedEngine;
  readonly environment: string;
  /** Of the environment, as its labels have it. */
  readonly id: string;
  /** As Compose was given it. */
  readonly model: ComposeModel;
  readonly settings: LogSettings;
  readonly emit: LifecycleListener;
  /** Its containers run already, and others may capture their logs as well. @default false */
  readonly adopted?: boolean;
}

/** The clock of an engine in a virtual machine drifts, and is set when that wakes up. */
const CLOCK_MS = 60_000;
const CLOCK_ANSWER_MS = 10_000;
/** No line is of the future; an old one may have been read late. */
const MAX_AHEAD_MS = 1_000;
const MAX_BEHIND_MS = 3_000;
const CLOCK_PAUSE_MS = 1_000;
/** A release waits for the last lines so long at most, and so long for a stream that is silent. */
const CLOSE_MS = 2_000;
const SILENCE_MS = 150;
const LOOK_MS = 20;
/** In which a stream of events that was cut tells what was missed. */
const REPLAY_MS = 500;

/**
 * Follows the logs of an environment's containers into files, and what happens to them into a
 * timeline, from before the first start until the release. Driven by the engine's events, beside
 * the start and never in its way: whichever way a container comes to run, it is followed.
 */
export class LogCapture {
  readonly folder: string;
  readonly #options: CaptureOptions;
  readonly #writer: LogWriter;
  readonly #followers = new Map<string, ContainerFollower>();
  readonly #runs = new Map<string, ContainerRun>();
  /** A stream of events that was cut tells the last ones again. */
  readonly #told = new Set<string>();
  /** Whose present run the engine has sent a signal, or has told to have run out of memory. */
  readonly #explained = new Set<string>();
  readonly #stop = new AbortController();
  #isReleasing = false;
  /** When the engine was up for certain, in milliseconds by its clock. */
  #engineUpAt: number;
  #offsetMs: number;
  /** Of the last line, as the engine wrote it. */
  #second = "";
  /** By `performance.now()`. */
  #measuredAt = 0;

  constructor(options: CaptureOptions) {
    const { engine, environment, id, model, settings, emit, adopted = false } = options;
    this.#options = options;
    this.folder = join(settings.folder, adopted ? `${environment}.${process.pid}` : environment);
    this.#writer = new LogWriter({
      root: settings.folder,
      folder: this.folder,
      environment,
      id,
      engine: engine.version,
      services: Object.keys(model.services),
      stack: () => stackText(model),
      maxBytes: settings.maxBytes,
      onTrouble: (error) => {
        const said = error instanceof Error ? error.message : String(error);
        const message = `Not all logs can be kept in ${this.folder}: ${said}`;
        emit({ type: "warning", environment, message });
      },
    });
    this.#offsetMs = engine.clockOffsetMs;
    this.#engineUpAt = Date.now() + engine.clockOffsetMs;
    this.#writer.clock({ atMs: Date.now(), offsetMs: engine.clockOffsetMs });
    const subscriber = {
      onEvent: (event: EngineEvent) => this.#hear(event),
      onReopened: () => void this.#catchUp(),
    };
    // Whoever starts the containers needs the same stream, and reports what is wrong with it.
    engine.events.subscribe(id, subscriber, this.#stop.signal).catch(() => {});
    if (adopted) void this.#join();
    const timer = setInterval(() => void this.#measureClock(), CLOCK_MS).unref();
    this.#stop.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  }

  /** In a cheap moment: compresses what earlier runs left, and removes what is too much of it. */
  async tidy(): Promise<void> {
    const { settings } = this.#options;
    const { archiveRuns } = await import("./archive.ts");
    // The next run tries again.
    await archiveRuns(settings.folder, settings).catch(() => {});
    this.#writer.countArchives();
  }

  /** What our own look at its health check has just found: the engine may look much later. */
  noteHealth({ id, labels }: ContainerDetails, health: "healthy" | "unhealthy"): void {
    const time = (Date.now() + this.#offsetMs) / 1_000;
    this.#hear({ action: `health_status: ${health}`, containerId: id, attributes: labels, time });
  }

  /** From now on what happens to the containers is our own doing. */
  releasing(): void {
    this.#isReleasing = true;
  }

  /** The containers are gone: waits for what their streams still hold, for a short time. */
  async close(): Promise<void> {
    const deadline = performance.now() + CLOSE_MS;
    const all = [...this.#followers.values()];
    const ended = Promise.all(all.map((follower) => follower.ended())).then(() => true);
    const began = performance.now();
    while (!(await Promise.race([ended, delay(LOOK_MS, false)]))) {
      const now = performance.now();
      const lastAt = Math.max(began, ...all.map(({ lastChunkAt }) => lastChunkAt));
      if (now > deadline || now - lastAt > SILENCE_MS) break;
    }
    this.#stop.abort(new Error("The environment has been released."));
    await ended;
    this.#writer.close();
  }

  /** @param isAssumed no event: the engine was asked, and something must have happened */
  #hear(event: EngineEvent, isAssumed = false): void {
    const container = containerOf(event.attributes);
    const key = `${event.time} ${event.action} ${event.containerId}`;
    if (container === undefined || this.#told.has(key)) return;
    if (this.#told.size > MAX_TOLD) this.#told.clear();
    this.#told.add(key);
    const { action, containerId: id } = event;
    if (action === "start") this.#follow(id, container);
    const run = afterEvent(this.#runs.get(id) ?? NEVER_STARTED, event, isAssumed);
    if (run === undefined) return;
    this.#runs.set(id, run);
    if (action === "start") this.#explained.delete(id);
    if (this.#isReleasing) return;
    if (action === "oom" || action === "kill") this.#explained.add(id);
    if (action === "die" && !isAssumed) void this.#explainEnd(event);
    else this.#tell(event, { starts: run.starts, isExplained: true });
  }

  #tell(event: EngineEvent, past: ContainerPast): void {
    const entry = describeEvent(event, past);
    if (entry !== undefined) this.#writer.event(entry);
  }

  /** That memory ran out may come later than the end, or not at all; the engine may know all the same. */
  async #explainEnd(event: EngineEvent): Promise<void> {
    const { client } = this.#options.engine;
    const past = { starts: 1, isExplained: this.#explained.delete(event.containerId) };
    if (past.isExplained) {
      this.#tell(event, past);
      return;
    }
    const details = await client
      .inspectContainer(event.containerId, this.#stop.signal)
      .catch(() => undefined);
    const isOutOfMemory = details?.oomKilled === true && !this.#explained.has(event.containerId);
    if (isOutOfMemory) this.#tell({ ...event, action: "oom" }, past);
    this.#tell(event, { ...past, isExplained: isOutOfMemory });
  }

  #follow(id: string, { service, replica }: { service: string; replica: number }): void {
    let follower = this.#followers.get(id);
    if (follower === undefined) {
      follower = new ContainerFollower({
        engine: this.#options.engine.client,
        container: id,
        replica,
        append: (record) => {
          this.#watchClock(record.timestamp);
          this.#writer.append(service, record);
        },
        signal: this.#stop.signal,
      });
      this.#followers.set(id, follower);
    }
    follower.follow();
  }

  /** Of what runs already, only what happens from now on is told. */
  async #join(): Promise<void> {
    for (const container of await this.#lookAgain()) {
      if (!this.#runs.has(container.id)) this.#runs.set(container.id, runOf(container));
    }
  }

  /** Events may be missing, and with them starts and ends. */
  async #catchUp(): Promise<void> {
    await this.#lookAgain();
    // What the engine remembers of them comes first: it tells more.
    await delay(REPLAY_MS, undefined, { signal: this.#stop.signal, ref: false }).catch(() => {});
    const containers = await this.#lookAgain();
    const restartedAt = await this.#engineRestart();
    for (const container of containers) {
      if (restartedAt !== undefined && !this.#isReleasing) {
        const { id: containerId, labels: attributes } = container;
        const event = {
          action: ENGINE_RESTART,
          containerId,
          time: restartedAt / 1_000,
          attributes,
        };
        this.#tell(event, { starts: 1, isExplained: true });
      }
      const run = this.#runs.get(container.id) ?? NEVER_STARTED;
      for (const event of missedEvents(run, container)) this.#hear(event, true);
    }
  }

  /** Follows what runs; the containers as they are now, as far as the engine tells. */
  async #lookAgain(): Promise<ContainerAccount[]> {
    const { engine, id } = this.#options;
    const { signal } = this.#stop;
    const containers = await engine.client
      .listContainers([`${LABEL.id}=${id}`], signal)
      .catch(() => []);
    const started = containers.filter(({ state }) => state !== "created");
    for (const { id: container, labels } of started) {
      const known = containerOf(labels);
      if (known !== undefined) this.#follow(container, known);
    }
    const inspected = await Promise.allSettled(
      started.map((container) => engine.client.inspectContainer(container.id, signal)),
    );
    return inspected.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  }

  /** When the engine was started, if that was after all that is known of it. */
  async #engineRestart(): Promise<number | undefined> {
    const { client } = this.#options.engine;
    const startedAt = await client.startedAt(this.#stop.signal).catch(() => undefined);
    if (startedAt === undefined || startedAt <= this.#engineUpAt) return undefined;
    this.#engineUpAt = startedAt;
    return startedAt;
  }

  /** Lines are stamped just now, as far as is known; else a clock has been set. */
  #watchClock(timestamp: string): void {
    const second = timestamp.slice(0, 19);
    if (second === this.#second) return;
    this.#second = second;
    const aheadMs = Date.parse(timestamp) - Date.now() - this.#offsetMs;
    const isLikely = aheadMs <= MAX_AHEAD_MS && aheadMs >= -MAX_BEHIND_MS;
    if (isLikely || performance.now() - this.#measuredAt < CLOCK_PAUSE_MS) return;
    void this.#measureClock();
  }

  async #measureClock(): Promise<void> {
    const { client } = this.#options.engine;
    this.#measuredAt = performance.now();
    const info = await client.info(CLOCK_ANSWER_MS, this.#stop.signal).catch(() => undefined);
    if (info === undefined) return;
    this.#offsetMs = info.clockOffsetMs;
    // Once the answer is there: until then lines may have been stamped by a clock that was set meanwhile.
    this.#writer.clock({ atMs: Date.now(), offsetMs: info.clockOffsetMs });
  }
}

/** Value by value: quoted as JSON does it, a secret would not be recognised. */
function stackText(model: ComposeModel): string {
  const mask = createMask(model);
  const maskText = (_name: string, value: unknown) =>
    typeof value === "string" ? mask(value) : value;
  return `${JSON.stringify(model, maskText, 2)}\n`;
}

/** More than the engine remembers. */
const MAX_TOLD = 1_000;

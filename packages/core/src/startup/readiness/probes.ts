import type { EngineClient } from "../../engine/client.ts";
import type { ContainerDetails } from "../../engine/engine-shapes.ts";
import { readStartPeriod } from "../../stack/calm-check.ts";
import { CheckFailure, CheckHistory, type CheckRhythm } from "./check-history.ts";
import type { Findings } from "./until-ready.ts";
import { WaitFailure } from "./wait-strategy.ts";

export interface ProbeOptions {
  readonly engine: EngineClient;
  /** Resolves once a running container of the service can serve; rejects when that cannot be found out. */
  readonly untilReady: (
    service: string,
    container: ContainerDetails,
    signal: AbortSignal,
    findings: Findings,
  ) => Promise<void>;
}

interface RunningProbe extends Findings {
  readonly startedAt: string;
  readonly stop: () => void;
}

/** At most one probe for each container, of the run of it that was seen last. */
export class Probes {
  readonly #options: ProbeOptions;
  readonly #signal: AbortSignal;
  readonly #running = new Map<string, RunningProbe>();

  /** @param signal ends all probes */
  constructor(options: ProbeOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** What is known of the container's present run; undefined when it is not probed. */
  findings(id: string): Findings | undefined {
    return this.#running.get(id);
  }

  /**
   * Looks for the moment at which this run of the container can serve. Undefined when nothing was
   * found out: the run is being probed already, has ended meanwhile, or cannot be probed now.
   */
  async probe(
    service: string,
    container: ContainerDetails,
  ): Promise<"ready" | WaitFailure | CheckFailure | undefined> {
    const { id, startedAt } = container;
    const earlier = this.#running.get(id);
    if (earlier?.startedAt === startedAt) return undefined;
    earlier?.stop();
    const stop = new AbortController();
    const findings: Findings = {
      history: new CheckHistory(rhythmOf(container), performance.now()),
      closedPorts: new Set(),
    };
    this.#running.set(id, { ...findings, startedAt, stop: () => stop.abort() });
    const signal = AbortSignal.any([this.#signal, stop.signal]);
    try {
      const outcome = await this.#find(service, container, signal, findings);
      const now = await this.#options.engine.inspectContainer(id, signal);
      // What was seen may have ended, or be another run by now: that one is for the next look.
      if (now.state === "running" && now.startedAt === startedAt) return outcome;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof WaitFailure) return error;
    }
    if (this.#running.get(id)?.history === findings.history) this.#running.delete(id);
    return undefined;
  }

  async #find(...probe: Parameters<ProbeOptions["untilReady"]>): Promise<"ready" | CheckFailure> {
    try {
      await this.#options.untilReady(...probe);
      return "ready";
    } catch (error) {
      if (error instanceof CheckFailure) return error;
      throw error;
    }
  }
}

/** Undefined where the engine runs the check in the user's own rhythm, and counts. */
function rhythmOf({ check, labels }: ContainerDetails): CheckRhythm | undefined {
  const startPeriodMs = readStartPeriod(labels);
  return check === undefined || startPeriodMs === undefined
    ? undefined
    : { ...check, startPeriodMs };
}

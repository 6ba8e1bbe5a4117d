import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Stack } from "./contestant.ts";
import type { ContestantName } from "./contestants.ts";
import type { Order, Report, Timed } from "./protocol.ts";

/** One measurement: so many environments at once, from the first beginning to the last end. */
export interface Sample {
  readonly readyMs: number;
  /** Undefined where removal was not measured. */
  readonly goneMs: number | undefined;
  readonly conflicts: number;
  readonly projects: readonly string[];
  readonly beganAt: number;
  readonly readyAt: number;
}

export interface SampleRequest {
  readonly contestant: ContestantName;
  readonly stack: Stack;
  readonly atOnce: number;
  readonly measureGone: boolean;
}

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

export async function takeSample(request: SampleRequest): Promise<Sample> {
  const workers = Array.from({ length: request.atOnce }, () => new Worker(request));
  try {
    // No one begins before all could: processes that still load would be measured as well.
    await Promise.all(workers.map((worker) => worker.prepared()));
    const starts = await Promise.all(workers.map((worker) => worker.order("start")));
    const removal = request.measureGone ? "remove" : "discard";
    const removals = await Promise.all(workers.map((worker) => worker.order(removal)));
    const ready = span(starts);
    return {
      readyMs: ready.endedAt - ready.beganAt,
      goneMs: request.measureGone ? durationOf(span(removals)) : undefined,
      conflicts: sum(starts.map(({ conflicts }) => conflicts)),
      projects: starts.map(({ project }) => project),
      beganAt: ready.beganAt,
      readyAt: ready.endedAt,
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
}

class Worker {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #prepared: Promise<Report>;

  constructor({ contestant, stack }: SampleRequest) {
    const project = `bench-${contestant}-${randomBytes(3).toString("hex")}`;
    this.#child = fork(WORKER, [contestant, project, ...stack.files], { execArgv: [] });
    this.#exit = once(this.#child, "exit");
    this.#prepared = this.#answer();
    // It is awaited, but perhaps only after another worker has failed.
    this.#prepared.catch(() => {});
  }

  async prepared(): Promise<void> {
    await this.#prepared;
  }

  async order(order: Order): Promise<Timed> {
    const answer = this.#answer();
    this.#child.send(order);
    const report = await answer;
    if (!("beganAt" in report)) throw new Error(`A worker answered ${order} out of turn.`);
    return report;
  }

  /** Its connection gone, it removes what is left, and ends. */
  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exit;
  }

  async #answer(): Promise<Report> {
    const { promise, resolve, reject } = Promise.withResolvers<Report>();
    const onExit = (code: number | null) => reject(new Error(`A worker ended with ${code}.`));
    this.#child.once("message", resolve);
    this.#child.once("exit", onExit);
    try {
      const report = await promise;
      if ("failure" in report) throw new Error(report.failure);
      return report;
    } finally {
      this.#child.off("message", resolve);
      this.#child.off("exit", onExit);
    }
  }
}

function span(timed: readonly Timed[]): { beganAt: number; endedAt: number } {
  return {
    beganAt: Math.min(...timed.map(({ beganAt }) => beganAt)),
    endedAt: Math.max(...timed.map(({ endedAt }) => endedAt)),
  };
}

function durationOf({ beganAt, endedAt }: { beganAt: number; endedAt: number }): number {
  return endedAt - beganAt;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

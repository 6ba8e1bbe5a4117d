/** What a run of the check, by us, came to. */
export interface CheckRun {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  readonly exitCode: number;
  readonly output: string;
}

/** The user's own numbers. */
export interface CheckRhythm {
  readonly intervalMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
}

/** The user's own numbers for a check have run out. */
export class CheckFailure extends Error {
  override readonly name = "CheckFailure";
}

/** A post-mortem shows no more. */
const KEPT = 3;
/** Before the verdict, so many turns are looked at one by one. */
const SEEN_TURNS = 3;

/**
 * The last runs of one container's check, and what the user's own numbers make of them: as the
 * engine would, it counts one failure for each interval, from the end of the start period on, and
 * says “unhealthy” after so many in a row. Where we run the check more often, what comes between
 * two of the user's own turns is not counted; where we run it less often, a failure counts for the
 * turns since the one before. All times by one clock, in milliseconds.
 */
export class CheckHistory {
  readonly #rhythm: CheckRhythm | undefined;
  #runs: readonly CheckRun[] = [];
  #streak = 0;
  #dueAtMs: number;
  #turnMs: number;

  /** @param rhythm undefined where the engine does the counting */
  constructor(rhythm: CheckRhythm | undefined, startedAtMs: number) {
    this.#rhythm = rhythm;
    const { startPeriodMs = 0, intervalMs = 0 } = rhythm ?? {};
    this.#dueAtMs = startedAtMs + startPeriodMs + intervalMs;
    this.#turnMs = intervalMs;
  }

  /** The last ones, oldest first. */
  get runs(): readonly CheckRun[] {
    return this.#runs;
  }

  get isUnhealthy(): boolean {
    return this.#rhythm !== undefined && this.#streak >= this.#rhythm.retries;
  }

  /**
   * When to run the check next for the sake of counting alone; undefined where the engine counts.
   * With each failure half as often as before, but each of the last three turns is looked at: they
   * outlast the moment between an init server that is healthy and the real one.
   */
  get nextCountMs(): number | undefined {
    if (this.#rhythm === undefined) return undefined;
    const left = this.#rhythm.retries - this.#streak;
    const turns = Math.max(1, Math.min(this.#streak, left - (SEEN_TURNS - 1)));
    return this.#dueAtMs + (turns - 1) * this.#turnMs;
  }

  add(run: CheckRun): void {
    this.#runs = [...this.#runs, run].slice(-KEPT);
    if (this.#rhythm === undefined) return;
    if (run.exitCode === 0) this.#streak = 0;
    if (run.beganAtMs < this.#dueAtMs) return;
    this.#turnMs = run.endedAtMs - run.beganAtMs + this.#rhythm.intervalMs;
    const turns = 1 + Math.floor((run.beganAtMs - this.#dueAtMs) / this.#turnMs);
    if (run.exitCode !== 0) this.#streak += turns;
    // Not from when we came to it: a look that comes late must not make the verdict late.
    this.#dueAtMs += turns * this.#turnMs;
  }

  /** The engine would not have run it either: a paused container is not checked, and one that is away has none. */
  skip(nowMs: number): void {
    this.#dueAtMs = Math.max(this.#dueAtMs, nowMs + (this.#rhythm?.intervalMs ?? 0));
  }
}

/** What a run of the check, by us, came to. Times by one clock, in milliseconds. */
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

/**
 * The last runs of one container's check, and what the user's own numbers make of them. The engine
 * runs a check one interval after the start, and again one interval after each end; what fails
 * within the start period does not count, and so many failures in a row are “unhealthy”. We run it
 * more often, so a failure counts only when the engine would have had its turn as well, and only
 * once: in doubt the verdict comes later, never earlier.
 */
export class CheckHistory {
  readonly #rhythm: CheckRhythm | undefined;
  readonly #startedAtMs: number;
  #runs: readonly CheckRun[] = [];
  #streak = 0;
  #turnAtMs: number;
  #unhealthyAtMs: number | undefined;

  /** @param rhythm undefined where the engine does the counting */
  constructor(rhythm: CheckRhythm | undefined, startedAtMs: number) {
    this.#rhythm = rhythm;
    this.#startedAtMs = startedAtMs;
    this.#turnAtMs = startedAtMs + (rhythm?.intervalMs ?? 0);
  }

  /** The last ones, oldest first. */
  get runs(): readonly CheckRun[] {
    return this.#runs;
  }

  /** When the next turn begins; undefined where the engine counts. */
  get turnAtMs(): number | undefined {
    return this.#rhythm === undefined ? undefined : this.#turnAtMs;
  }

  /** When the verdict is due, at the earliest now; undefined as long as there is none. */
  get unhealthyAtMs(): number | undefined {
    return this.#unhealthyAtMs;
  }

  add(run: CheckRun): void {
    this.#runs = [...this.#runs, run].slice(-KEPT);
    if (this.#rhythm === undefined) return;
    const { intervalMs, retries, startPeriodMs } = this.#rhythm;
    if (run.exitCode === 0) this.#streak = 0;
    // It was over before the turn came.
    if (run.endedAtMs < this.#turnAtMs) return;
    const durationMs = run.endedAtMs - run.beganAtMs;
    // A look that comes a little late does not make all others late; after a silence the turns begin anew.
    const isVeryLate = run.beganAtMs - this.#turnAtMs > intervalMs;
    const beganAtMs = isVeryLate ? run.beganAtMs : this.#turnAtMs;
    const endedAtMs = beganAtMs + durationMs;
    this.#turnAtMs = endedAtMs + intervalMs;
    if (run.exitCode === 0 || beganAtMs < this.#startedAtMs + startPeriodMs) return;
    this.#streak += 1;
    if (this.#streak >= retries) this.#unhealthyAtMs = endedAtMs;
  }

  /** The engine would not have run it either: a paused container is not checked. */
  skip(nowMs: number): void {
    this.#turnAtMs = Math.max(this.#turnAtMs, nowMs + (this.#rhythm?.intervalMs ?? 0));
  }
}

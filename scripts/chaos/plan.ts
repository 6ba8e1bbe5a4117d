/** When in the life of a run it dies. Each is a line that the run prints when it gets there. */
export const POINTS = [
  "resolve",
  "build",
  "create",
  "created",
  "start",
  "ready",
  "tests",
  "release",
] as const;
export type Point = (typeof POINTS)[number];

/** How it dies. */
export const DEATHS = [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  "SIGKILL",
  "SIGKILL of the group",
  "SIGKILL of owner and watchdog",
  "exit",
] as const;
export type Death = (typeof DEATHS)[number];

export interface Victim {
  readonly point: Point;
  readonly death: Death;
  /** Milliseconds after the point: faults fall between two steps, too. */
  readonly delayMs: number;
  /** Whether it cleans up on a polite signal, as the Vitest plugin does, or just dies. */
  readonly polite: boolean;
}

export interface Round {
  readonly victims: readonly Victim[];
  /** The engine is killed and started again while they die; only on an engine of our own. */
  readonly engineRestart: boolean;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const VICTIMS = 2;
const MAX_DELAY_MS = 80;
/** A round with an engine of its own takes several times as long. */
const RESTART_SHARE = 0.1;

/** What happens in one round. */
export function planRound(random: () => number, mayRestart: boolean): Round {
  const pick = <T>(list: readonly T[], fallback: T): T =>
    list[Math.floor(random() * list.length)] ?? fallback;
  const engineRestart = random() < RESTART_SHARE && mayRestart;
  const victims = Array.from({ length: VICTIMS }, () => ({
    point: pick<Point>(POINTS, "ready"),
    death: pick<Death>(DEATHS, "SIGKILL"),
    delayMs: Math.floor(random() * MAX_DELAY_MS),
    polite: random() < 0.5,
  }));
  return { victims, engineRestart };
}

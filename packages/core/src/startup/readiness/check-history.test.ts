import fc from "fast-check";
import { expect, test } from "vitest";
import { CheckHistory, type CheckRhythm } from "./check-history.ts";

const RHYTHM: CheckRhythm = { intervalMs: 1_000, retries: 3, startPeriodMs: 0 };

type Run = readonly [beganAtMs: number, endedAtMs: number, exitCode?: number];

function historyOf(rhythm: CheckRhythm | undefined, runs: readonly Run[]): CheckHistory {
  const history = new CheckHistory(rhythm, 0);
  for (const [beganAtMs, endedAtMs, exitCode = 1] of runs) {
    history.add({ beganAtMs, endedAtMs, exitCode, output: `at ${beganAtMs}` });
  }
  return history;
}

/** Runs that take no time. */
function every(stepMs: number, fromMs = 0, untilMs = 60_000): Run[] {
  const count = Math.floor((untilMs - fromMs) / stepMs) + 1;
  return Array.from({ length: count }, (_, index) => [
    fromMs + index * stepMs,
    fromMs + index * stepMs,
  ]);
}

function verdict(rhythm: CheckRhythm | undefined, runs: readonly Run[]): number | undefined {
  const history = new CheckHistory(rhythm, 0);
  for (const [beganAtMs, endedAtMs, exitCode = 1] of runs) {
    history.add({ beganAtMs, endedAtMs, exitCode, output: "" });
    if (history.unhealthyAtMs !== undefined) return Math.max(history.unhealthyAtMs, endedAtMs);
  }
  return undefined;
}

test.each<[string, readonly Run[], number]>([
  ["as often as the user's own", every(1_000), 3_000],
  ["much more often", every(50), 3_000],
  ["out of step", every(700), 3_500],
  [
    "a pass in between begins the count anew",
    [...every(500, 0, 2_400), [2_500, 2_500, 0], ...every(500, 2_600)],
    5_100,
  ],
  [
    "a run that lasts over its turn counts for it, and is done no earlier",
    [
      [500, 4_500],
      [5_500, 9_500],
      [10_500, 14_500],
    ],
    15_000,
  ],
  [
    "quick failures after a slow one are no turns of their own",
    [[0, 10_000], ...every(20, 10_020)],
    13_000,
  ],
  [
    "after a silence the turns that nobody saw do not count",
    [[1_000, 1_000], ...every(20, 20_000)],
    21_000,
  ],
])("%s", (_case, runs, expected) => {
  expect(verdict(RHYTHM, runs)).toBe(expected);
});

test("failures within the start period do not count", () => {
  expect(verdict({ ...RHYTHM, startPeriodMs: 10_000 }, every(500))).toBe(12_000);
});

test("the engine counts where there are no numbers", () => {
  expect(verdict(undefined, every(500))).toBeUndefined();
  expect(historyOf(undefined, every(500)).turnAtMs).toBeUndefined();
});

test("while it could not be run by anybody no turn passes", () => {
  const history = new CheckHistory(RHYTHM, 0);
  history.skip(30_000);
  expect(history.turnAtMs).toBe(31_000);
});

test("the last three runs are kept", () => {
  const { runs } = historyOf(RHYTHM, every(10, 0, 100));
  expect(runs.map(({ output }) => output)).toEqual(["at 80", "at 90", "at 100"]);
});

/** When the engine's own monitor would say it: moby's daemon/health.go. */
function engineVerdict({ intervalMs, retries, startPeriodMs }: CheckRhythm, durationMs: number) {
  let streak = 0;
  let at = 0;
  while (streak < retries) {
    at += intervalMs;
    if (at >= startPeriodMs) streak += 1;
    at += durationMs;
  }
  return at;
}

test("the verdict comes when the engine's would, or a look later, never earlier", () => {
  fc.assert(
    fc.property(
      fc.record({
        intervalMs: fc.integer({ min: 100, max: 5_000 }),
        retries: fc.integer({ min: 1, max: 60 }),
        startPeriodMs: fc.integer({ min: 0, max: 20_000 }),
      }),
      fc.integer({ min: 0, max: 10_000 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (rhythm, durationMs, share) => {
        const restMs = rhythm.intervalMs * share;
        const own = engineVerdict(rhythm, durationMs);
        const runs: Run[] = [];
        for (let at = 0; at <= own + 4 * (durationMs + restMs); at += durationMs + restMs) {
          runs.push([at, at + durationMs]);
        }
        const ours = verdict(rhythm, runs) ?? Number.NaN;
        expect(ours).toBeGreaterThanOrEqual(own - 1e-6);
        expect(ours).toBeLessThanOrEqual(own + durationMs + restMs + 1e-6);
      },
    ),
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { CheckHistory, type CheckRhythm } from "./check-history.ts";

const RHYTHM: CheckRhythm = { intervalMs: 1_000, retries: 3, startPeriodMs: 0 };

/** Runs of the check at these times, each as long as given; returns when it first counts as unhealthy. */
function verdictAt(
  rhythm: CheckRhythm | undefined,
  begins: readonly number[],
  { costMs = 0, passesAt = [] as readonly number[] } = {},
): number | undefined {
  const history = new CheckHistory(rhythm, 0);
  for (const beganAtMs of begins) {
    const exitCode = passesAt.includes(beganAtMs) ? 0 : 1;
    const endedAtMs = beganAtMs + costMs;
    history.add({ beganAtMs, endedAtMs, exitCode, output: "" });
    if (history.isUnhealthy) return endedAtMs;
  }
  return undefined;
}

function every(stepMs: number, untilMs = 60_000): number[] {
  return Array.from({ length: Math.floor(untilMs / stepMs) + 1 }, (_, index) => index * stepMs);
}

test.each([
  ["as often as the user's own", every(1_000), {}, 3_000],
  ["much more often", every(50), {}, 3_000],
  ["out of step", every(700), {}, 3_500],
  ["a check that costs as much as its interval", every(2_000), { costMs: 1_000 }, 7_000],
  ["a pass in between begins the count anew", every(500), { passesAt: [2_500] }, 5_000],
])("%s", (_case, begins, rest, expected) => {
  expect(verdictAt(RHYTHM, begins, rest)).toBe(expected);
});

test("failures within the start period do not count", () => {
  expect(verdictAt({ ...RHYTHM, startPeriodMs: 10_000 }, every(500))).toBe(13_000);
});

test("the engine counts where there are no numbers", () => {
  expect(verdictAt(undefined, every(500))).toBeUndefined();
});

test("what could not be run does not count, nor does the time until it could", () => {
  const history = new CheckHistory(RHYTHM, 0);
  for (const nowMs of every(500, 30_000)) history.skip(nowMs);
  const failing = every(500).map((ms) => ms + 30_000);
  const verdict = failing.find((beganAtMs) => {
    history.add({ beganAtMs, endedAtMs: beganAtMs, exitCode: 1, output: "" });
    return history.isUnhealthy;
  });
  expect(verdict).toBe(33_000);
});

test("the last three runs are kept", () => {
  const history = new CheckHistory(RHYTHM, 0);
  for (const beganAtMs of every(10, 100)) {
    history.add({ beganAtMs, endedAtMs: beganAtMs, exitCode: 1, output: `at ${beganAtMs}` });
  }
  expect(history.runs.map(({ output }) => output)).toEqual(["at 80", "at 90", "at 100"]);
});

test("for the sake of counting alone it is run ever less often, and at each of the last three turns", () => {
  const history = new CheckHistory({ ...RHYTHM, retries: 60 }, 0);
  const looks: number[] = [];
  while (!history.isUnhealthy) {
    const beganAtMs = history.nextCountMs ?? Number.NaN;
    looks.push(beganAtMs / 1_000);
    history.add({ beganAtMs, endedAtMs: beganAtMs, exitCode: 1, output: "" });
  }
  expect(looks).toEqual([1, 2, 4, 8, 16, 32, 58, 59, 60]);
});

test("however often we look, the verdict comes neither before the user's own nor more than one look after it", () => {
  fc.assert(
    fc.property(
      fc.record({
        intervalMs: fc.integer({ min: 100, max: 5_000 }),
        retries: fc.integer({ min: 1, max: 60 }),
        startPeriodMs: fc.integer({ min: 0, max: 20_000 }),
      }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (rhythm, share) => {
        const stepMs = rhythm.intervalMs * share;
        const dueMs = rhythm.startPeriodMs + rhythm.retries * rhythm.intervalMs;
        const verdict = verdictAt(rhythm, every(stepMs, dueMs + 2 * stepMs)) ?? Number.NaN;
        expect(verdict).toBeGreaterThanOrEqual(dueMs - 1e-6);
        expect(verdict).toBeLessThanOrEqual(dueMs + stepMs + 1e-6);
      },
    ),
  );
});

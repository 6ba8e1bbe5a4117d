import { expect, test } from "vitest";
import { nextProbeMs } from "./back-off.ts";

test.each([
  ["something cheap, at the beginning", { costMs: 1, waitedMs: 0, capMs: 1_000 }, 20],
  ["never more than half of the time", { costMs: 80, waitedMs: 0, capMs: 1_000 }, 80],
  ["a busy engine is asked less often", { costMs: 700, waitedMs: 0, capMs: 1_000 }, 700],
  ["a long wait is not in a hurry", { costMs: 80, waitedMs: 8_000, capMs: 1_000 }, 500],
  ["never later than the user's own rhythm", { costMs: 80, waitedMs: 60_000, capMs: 1_000 }, 1_000],
])("%s", (_case, probe, expected) => {
  expect(nextProbeMs(probe)).toBe(expected);
});

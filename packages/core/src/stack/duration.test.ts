import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test.each([
  ["0s", 0],
  ["1s", 1_000],
  ["1.5s", 1_500],
  ["100ms", 100],
  ["1m30s", 90_000],
  ["1h0m0s", 3_600_000],
  ["250us", 0.25],
  ["250µs", 0.25],
  ["1000000ns", 1],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBeCloseTo(ms, 9);
});

test.each([undefined, "", "5", "s", "1 s", "-1s", "1s ", "1d", "1,5s", "1s2"])(
  "%o is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

import { expect, test } from "vitest";
import { probeOften, verdictAfterMs } from "./health-check.ts";
import type { ComposeHealthCheck } from "./model.ts";

const test_ = ["CMD", "true"];

test.each<[string, ComposeHealthCheck | undefined, number | undefined]>([
  ["no check", undefined, undefined],
  ["a disabled one", { disable: true, test: test_ }, undefined],
  ["NONE", { test: ["NONE"] }, undefined],
  ["all defaults", { test: test_ }, 90_000],
  ["1 s × 3", { test: test_, interval: "1s", retries: 3 }, 3_000],
  ["retries alone", { test: test_, retries: 1 }, 30_000],
  ["zeros mean the engine's defaults", { test: test_, interval: "0s", retries: 0 }, 90_000],
  ["a start period", { test: test_, interval: "1s", retries: 2, start_period: "5s" }, 6_000],
  [
    "a start period within one interval",
    { test: test_, interval: "10s", retries: 2, start_period: "5s" },
    20_000,
  ],
])("%s", (_case, check, verdict) => {
  expect(verdictAfterMs(check)).toBe(verdict);
});

test.each([
  // As measured on an engine: 2.1, 4.1, 6.4 and 6.1 s.
  ["1s", 2, "0s", 60, 2_120],
  ["1s", 2, "0s", 1_000, 4_000],
  ["1s", 2, "5s", 60, 6_360],
  ["2s", 2, "3s", 50, 6_150],
])(
  "interval %s × %d, start period %s, %d ms a check: %d ms",
  (interval, retries, period, ms, verdict) => {
    const check = { test: test_, interval, retries, start_period: period };
    expect(verdictAfterMs(check, ms)).toBe(verdict);
  },
);

test("probing often changes the rhythm of the start alone", () => {
  const check = { test: test_, interval: "10s", timeout: "3s", retries: 4, start_period: "5s" };
  expect(probeOften(check)).toEqual({ ...check, start_period: "52000ms", start_interval: "100ms" });
});

test("a start interval of the user's own that is shorter stays", () => {
  const own = (start_interval: string) =>
    probeOften({ test: test_, start_interval }).start_interval;
  expect(own("50ms")).toBe("50ms");
  expect(own("5s")).toBe("100ms");
});

test.each<ComposeHealthCheck>([{ disable: true }, { test: ["NONE"] }])(
  "no check stays none: %o",
  (check) => {
    expect(probeOften(check)).toEqual(check);
  },
);

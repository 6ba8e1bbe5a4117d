import { expect, test } from "vitest";
import { calmCheck, readStartPeriod } from "./calm-check.ts";
import { OPTIONAL_LABEL } from "./labels.ts";
import type { ComposeHealthCheck } from "./model.ts";

const often = { test: ["CMD", "true"], interval: "1s" };
const calm = (healthcheck?: ComposeHealthCheck) => calmCheck(healthcheck ? { healthcheck } : {});

test("a check that would run every second is the engine's to run every half minute, while it starts", () => {
  expect(calm({ ...often, timeout: "2s", retries: 60 })).toEqual({
    healthcheck: {
      ...often,
      timeout: "2s",
      retries: 60,
      start_period: "60s",
      start_interval: "30s",
    },
    label: "0",
  });
});

test("the user's own start period is kept, for whoever counts", () => {
  expect(calm({ ...often, start_period: "1m30s" })).toMatchObject({
    healthcheck: { start_period: "93s" },
    label: "90000",
  });
});

test.each<[string, ComposeHealthCheck | undefined]>([
  ["there is none", undefined],
  ["only the image has one", { interval: "1s" }],
  ["it is off", { ...often, disable: true }],
  ["the interval is the engine's own", { test: ["CMD", "true"] }],
  ["the interval is long", { ...often, interval: "30s" }],
  ["the user has chosen another for the start", { ...often, start_interval: "100ms" }],
])("nothing changes when %s", (_case, healthcheck) => {
  expect(calm(healthcheck)).toBeUndefined();
});

test("the label is read back, and absent without one", () => {
  expect(readStartPeriod({ [OPTIONAL_LABEL.startPeriod]: "90000" })).toBe(90_000);
  expect(readStartPeriod({})).toBeUndefined();
});

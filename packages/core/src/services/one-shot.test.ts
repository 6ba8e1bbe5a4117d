import { expect, test } from "vitest";
import { isOneShot } from "./one-shot.ts";

const SEED = { conditions: [], hasCheck: false, publishesPorts: false };

test.each([
  ["nobody waits for it, nobody can ask it", SEED, true],
  ["its end is waited for", { ...SEED, conditions: ["service_completed_successfully"] }, true],
  [
    "its end is waited for, whatever else it has",
    {
      conditions: ["service_started", "service_completed_successfully"],
      hasCheck: true,
      publishesPorts: true,
    },
    true,
  ],
  ["others need it healthy", { ...SEED, conditions: ["service_healthy"] }, false],
  ["others wait for its start alone", { ...SEED, conditions: ["service_started"] }, true],
  ["it has a health check", { ...SEED, hasCheck: true }, false],
  ["it publishes ports", { ...SEED, publishesPorts: true }, false],
])("%s", (_case, service, expected) => {
  expect(isOneShot(service)).toBe(expected);
});

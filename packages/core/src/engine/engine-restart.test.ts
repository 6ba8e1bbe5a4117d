import { expect, test } from "vitest";
import { engineStart, sayRestart } from "./engine-restart.ts";

const createdAt = "2026-01-01T12:00:00.123456789Z";

test.each([
  ["before", "2026-01-01T12:59:59+01:00", undefined],
  ["after", "2026-01-01T13:00:01+01:00", "the engine was restarted at 2026-01-01T12:00:01.000Z"],
])("an engine that was started %s a container was made", (_when, startedAt, said) => {
  expect(sayRestart({ createdAt }, Date.parse(startedAt))).toBe(said);
});

test("the age of Docker's default network is the engine's, that of another's is not", () => {
  const Options = { "com.docker.network.bridge.default_bridge": "true" };
  expect(engineStart({ Created: createdAt, Options })).toBe(Date.parse(createdAt));
  expect(engineStart({ Created: createdAt, Options: {} })).toBeUndefined();
  expect(engineStart({ Created: createdAt, Options: null })).toBeUndefined();
  expect(engineStart({ Created: "", Options })).toBeUndefined();
});

test("nothing is said of what is not known", () => {
  expect(sayRestart({ createdAt }, undefined)).toBeUndefined();
  expect(sayRestart({ createdAt: "" }, 1)).toBeUndefined();
});

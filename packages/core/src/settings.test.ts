import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { RealServicesError } from "./errors.ts";
import type { EnvironmentOptions } from "./options.ts";
import { checkOption, resolveSettings } from "./settings.ts";

const circular: Record<string, unknown> = {};
circular["self"] = circular;

describe("each option, given the wrong thing, is refused by name", () => {
  const notAString = [4711, "", null, {}, ["a"]];
  const notABoolean = [1, 0, "true", null];
  const notAList = ["a", [4711], [""], [null], {}, null];
  const notWords = ["a=b", { a: 4711 }, { a: null }, ["a=b"], null, 4711];
  const wrong: Record<keyof EnvironmentOptions, readonly unknown[]> = {
    compose: [4711, "", [4711], [""], {}, null],
    cwd: notAString,
    profiles: notAList,
    services: notAList,
    env: notWords,
    kind: ["temporary", "", 4711, null, "constructor"],
    name: notAString,
    build: ["sometimes", true, null],
    startEngine: notABoolean,
    timeoutMs: ["5000", 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e10, 10n, null],
    pullTimeoutMs: ["5000", 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e10, null],
    leaseMs: ["5000", 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e18, null],
    endpoints: notWords,
    bindAddress: ["localhost", "", "127.0.0.1:80", 4711, null],
    host: notAString,
    publish: [4711, null, [80], { web: 80 }, { web: ["80"] }, { web: [0] }, { web: [65_536] }],
    memory: [4711, null, ["x"], { db: "much" }, { db: 512 }, { db: true }, { db: "" }],
    memoryQueue: ["never", true, null],
    memoryTimeoutMs: ["5000", 0, -1, Number.NaN, Number.POSITIVE_INFINITY, null],
    stop: ["gentle", true, null],
    waitFor: [4711, null, ["x"], { web: "healthy" }, { web: null }, { web: {} }],
    hostAccess: notABoolean,
    allowRemoteIncludes: notABoolean,
    logs: [true, "logs", [], { folder: "" }, { maxBytes: 0 }, { keepRuns: 1.5 }, { colour: "red" }],
    shard: [
      "1/2",
      1,
      null,
      {},
      { index: 0, count: 2 },
      { index: 3, count: 2 },
      { index: 1.5, count: 2 },
      [1, 2],
    ],
    signal: [{}, "stop", null, new AbortController(), circular],
  };
  for (const [name, values] of Object.entries(wrong)) {
    test.each(values)(`${name}: %o`, (value) => {
      const error = refusal(() => resolveSettings(Object.fromEntries([[name, value]]), {}));
      expect(error.code).toBe("REAL_SERVICES_INVALID_OPTION");
      expect(error.received).toBe(value);
      expect(error.message).toContain(`\`${name}\``);
      expect(error.hint).toContain(`\`${name}\``);
    });
  }
});

test.each([
  ["5000", "got '5000' (string)."],
  [10n, "got 10n (bigint)."],
  [null, "got null (null)."],
  [() => 5_000, "got a function (function)."],
  [circular, "got <ref *1> { self: [Circular *1] } (object)."],
])("the message shows what was given: %o", (value, words) => {
  expect(refusal(() => checkOption("timeoutMs", value)).message).toBe(
    `Expected the option \`timeoutMs\` to be a number of milliseconds from 1 to 2147483647, ${words}`,
  );
});

test("nothing given, everything has a default", () => {
  expect(resolveSettings({}, {})).toEqual({
    compose: undefined,
    dockerEnv: undefined,
    cwd: resolve("."),
    profiles: [],
    services: [],
    env: {},
    kind: "dedicated",
    name: undefined,
    build: "missing",
    startEngine: true,
    timeoutMs: 60_000,
    memory: {},
    memoryQueue: "wait",
    memoryTimeoutMs: 600_000,
    stop: "kill",
    waitFor: {},
    pullTimeoutMs: 900_000,
    leaseMs: undefined,
    endpoints: {},
    bindAddress: undefined,
    host: undefined,
    publish: {},
    hostAccess: false,
    allowRemoteIncludes: false,
    logs: {
      folder: resolve(".real-services"),
      maxBytes: 256 * 1024 ** 2,
      keepRuns: 10,
      keepDays: 7,
    },
    shard: undefined,
    signal: undefined,
  });
});

test("an option that is undefined counts as not given", () => {
  const none: EnvironmentOptions = {};
  for (const name of ["compose", "services", "timeoutMs"]) Reflect.set(none, name, undefined);
  expect(resolveSettings(none, {})).toEqual(resolveSettings({}, {}));
});

describe("variables of the process", () => {
  test.each<[string, EnvironmentOptions, NodeJS.ProcessEnv, Record<string, unknown>]>([
    [
      "DOCKER_ENV=prod",
      {},
      { DOCKER_ENV: "prod" },
      { kind: "production", build: "never", dockerEnv: "prod" },
    ],
    [
      "DOCKER_ENV=dev",
      {},
      { DOCKER_ENV: "dev" },
      { kind: "dedicated", build: "missing", dockerEnv: "dev" },
    ],
    ["DOCKER_ENV empty", {}, { DOCKER_ENV: "" }, { kind: "dedicated", dockerEnv: undefined }],
    [
      "USE_PRODUCTION_IMAGES=1",
      {},
      { USE_PRODUCTION_IMAGES: "1" },
      { kind: "production", build: "never" },
    ],
    [
      "USE_PRODUCTION_IMAGES=1, whatever kind was asked for",
      { kind: "shared", build: "always" },
      { USE_PRODUCTION_IMAGES: "1" },
      { kind: "shared", build: "never" },
    ],
    [
      "USE_PRODUCTION_IMAGES=0",
      {},
      { USE_PRODUCTION_IMAGES: "0" },
      { kind: "dedicated", build: "missing" },
    ],
    [
      "kind production by option",
      { kind: "production" },
      {},
      { build: "never", dockerEnv: "prod" },
    ],
    [
      "production never builds, even when told to",
      { kind: "production", build: "always" },
      {},
      { build: "never" },
    ],
    ["COMPOSE_PROJECT_NAME", {}, { COMPOSE_PROJECT_NAME: "shop" }, { name: "shop" }],
    [
      "the option wins over it",
      { name: "mine" },
      { COMPOSE_PROJECT_NAME: "shop" },
      { name: "mine" },
    ],
    ["COMPOSE_PROJECT_NAME empty", {}, { COMPOSE_PROJECT_NAME: "" }, { name: undefined }],
    ["shared is kept by a lease", { kind: "shared" }, {}, { leaseMs: 3_600_000 }],
    ["of its own length", { kind: "shared", leaseMs: 5 }, {}, { leaseMs: 5 }],
  ])("%s", (_case, options, env, settings) => {
    expect(resolveSettings(options, env)).toMatchObject(settings);
  });
});

function refusal(action: () => unknown): RealServicesError {
  try {
    action();
  } catch (error) {
    if (error instanceof RealServicesError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

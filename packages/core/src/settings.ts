import { isIP } from "node:net";
import { resolve } from "node:path";
import { inspect } from "node:util";
import type { WaitStrategy } from "testcontainers";
import type { EnvironmentKind } from "./environment.ts";
import { RealServicesError } from "./errors.ts";
import type { EnvironmentOptions } from "./options.ts";
import { parseBytes } from "./stack/memory.ts";

/** Options with every default applied and every variable of the process read. */
export interface Settings {
  readonly compose: string | readonly string[] | undefined;
  readonly dockerEnv: string | undefined;
  readonly cwd: string;
  readonly profiles: readonly string[];
  readonly services: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly kind: EnvironmentKind;
  readonly name: string | undefined;
  readonly build: "missing" | "always" | "never";
  readonly startEngine: boolean;
  readonly timeoutMs: number;
  readonly pullTimeoutMs: number;
  /** Undefined when a process owns the environment. */
  readonly leaseMs: number | undefined;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly bindAddress: string | undefined;
  readonly host: string | undefined;
  readonly memory: Readonly<Record<string, string | false>>;
  readonly memoryQueue: "wait" | "refuse" | "off";
  readonly memoryTimeoutMs: number;
  readonly stop: "kill" | "graceful";
  readonly waitFor: Readonly<Record<string, WaitStrategy>>;
  readonly publish: Readonly<Record<string, readonly number[]>>;
  readonly hostAccess: boolean;
  readonly allowRemoteIncludes: boolean;
  /** Undefined when no logs are kept. */
  readonly logs: LogSettings | undefined;
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Where and how much of the logs is kept; the folder's path is absolute. */
export interface LogSettings {
  readonly folder: string;
  readonly maxBytes: number;
  readonly keepRuns: number;
  readonly keepDays: number;
}

const DEFAULT_LOGS = {
  folder: ".real-services",
  maxBytes: 256 * 1024 ** 2,
  keepRuns: 10,
  keepDays: 7,
} as const;
const LOG_CHECKS: Readonly<Record<keyof LogSettings, (value: unknown) => boolean>> = {
  folder: (value) => typeof value === "string" && value !== "",
  maxBytes: (value) => typeof value === "number" && value >= 1,
  keepRuns: (value) => Number.isInteger(value) && Number(value) >= 0,
  keepDays: (value) => typeof value === "number" && value >= 0,
};

export const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_PULL_MS = 900_000;
const DEFAULT_MEMORY_TIMEOUT_MS = 600_000;
export const DEFAULT_LEASE_MS = 3_600_000;

type Check = { readonly expected: string; readonly test: (value: unknown) => boolean };

const string: Check = {
  expected: "a non-empty string",
  test: (value) => typeof value === "string" && value !== "",
};
const boolean: Check = { expected: "true or false", test: (value) => typeof value === "boolean" };
const strings: Check = {
  expected: "a list of strings",
  test: (value) => Array.isArray(value) && value.every((item) => string.test(item)),
};
/** A timer of more than this, 24 days, fires at once. */
const MAX_TIMER_MS = 2_147_483_647;
const MAX_LEASE_MS = 366 * 24 * 3_600_000;
const milliseconds = (max: number): Check => ({
  expected: `a number of milliseconds from 1 to ${max}`,
  test: (value) => typeof value === "number" && value >= 1 && value <= max,
});
const record: Check = {
  expected: "an object whose values are strings",
  test: (value) =>
    isPlainObject(value) && Object.values(value).every((item) => typeof item === "string"),
};
const oneOf = (...words: readonly string[]): Check => ({
  expected: `one of ${words.map((word) => `"${word}"`).join(", ")}`,
  test: (value) => typeof value === "string" && words.includes(value),
});

const CHECKS: { readonly [Name in keyof Required<EnvironmentOptions>]: Check } = {
  compose: {
    expected: "a file name or a list of file names",
    test: (value) => string.test(value) || strings.test(value),
  },
  cwd: string,
  profiles: strings,
  services: strings,
  env: record,
  kind: oneOf("dedicated", "shared", "production"),
  name: string,
  build: oneOf("missing", "always", "never"),
  startEngine: boolean,
  timeoutMs: milliseconds(MAX_TIMER_MS),
  pullTimeoutMs: milliseconds(MAX_TIMER_MS),
  leaseMs: milliseconds(MAX_LEASE_MS),
  endpoints: record,
  bindAddress: {
    expected: "an IP address",
    test: (value) => typeof value === "string" && isIP(value) !== 0,
  },
  host: string,
  memory: {
    expected: 'an object whose values are amounts such as "512m", or false',
    test: (value) =>
      isPlainObject(value) &&
      Object.values(value).every(
        (item) => item === false || (typeof item === "string" && parseBytes(item) !== undefined),
      ),
  },
  memoryQueue: oneOf("wait", "refuse", "off"),
  memoryTimeoutMs: milliseconds(MAX_TIMER_MS),
  stop: oneOf("kill", "graceful"),
  waitFor: {
    expected: "an object of testcontainers' wait strategies",
    test: (value) =>
      isPlainObject(value) &&
      Object.values(value).every(
        (item: unknown) =>
          typeof item === "object" &&
          item !== null &&
          "waitUntilReady" in item &&
          typeof item.waitUntilReady === "function",
      ),
  },
  publish: {
    expected: "an object of lists of container ports",
    test: (value) =>
      isPlainObject(value) &&
      Object.values(value).every((list) => Array.isArray(list) && list.every(isPort)),
  },
  hostAccess: boolean,
  allowRemoteIncludes: boolean,
  logs: {
    expected: "false, or an object { folder, maxBytes, keepRuns, keepDays }",
    test: (value) =>
      value === false ||
      (isPlainObject(value) &&
        Object.entries(value).every(
          ([name, item]) => item === undefined || (isLogField(name) && LOG_CHECKS[name](item)),
        )),
  },
  shard: {
    expected: "an object { index, count } with 1 ≤ index ≤ count",
    test: (value) => {
      if (!isPlainObject(value)) return false;
      const { index, count } = { index: 0, count: 0, ...value };
      return Number.isInteger(index) && Number.isInteger(count) && index >= 1 && index <= count;
    },
  },
  signal: { expected: "an AbortSignal", test: (value) => value instanceof AbortSignal },
};

function isLogField(name: string): name is keyof LogSettings {
  return Object.hasOwn(LOG_CHECKS, name);
}

function isOptionName(name: string): name is keyof EnvironmentOptions {
  return name in CHECKS;
}
const OPTION_NAMES = Object.keys(CHECKS).filter(isOptionName);

/** Throws REAL_SERVICES_INVALID_OPTION naming the option, what it was given and what it takes. */
export function checkOption(name: keyof EnvironmentOptions, value: unknown): void {
  const { expected, test } = CHECKS[name];
  if (value === undefined || test(value)) return;
  throw new RealServicesError(
    "REAL_SERVICES_INVALID_OPTION",
    `Expected the option \`${name}\` to be ${expected}, got ${describe(value)}.`,
    { received: value, hint: `Correct \`${name}\`.` },
  );
}

/** Applies the defaults. Throws REAL_SERVICES_INVALID_OPTION. */
export function resolveSettings(options: EnvironmentOptions, env: NodeJS.ProcessEnv): Settings {
  for (const name of OPTION_NAMES) checkOption(name, options[name]);
  const dockerEnv = env["DOCKER_ENV"] || undefined;
  const isProduction = dockerEnv === "prod" || env["USE_PRODUCTION_IMAGES"] === "1";
  const kind = options.kind ?? (isProduction ? "production" : "dedicated");
  return {
    compose: options.compose,
    dockerEnv: dockerEnv ?? (options.kind === "production" ? "prod" : undefined),
    cwd: resolve(options.cwd ?? "."),
    profiles: options.profiles ?? [],
    services: options.services ?? [],
    env: options.env ?? {},
    kind,
    name: options.name ?? (env["COMPOSE_PROJECT_NAME"] || undefined),
    // The variable has the last word, whatever kind was asked for.
    build: kind === "production" || isProduction ? "never" : (options.build ?? "missing"),
    startEngine: options.startEngine ?? true,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    pullTimeoutMs: options.pullTimeoutMs ?? DEFAULT_PULL_MS,
    leaseMs: options.leaseMs ?? (kind === "shared" ? DEFAULT_LEASE_MS : undefined),
    endpoints: options.endpoints ?? {},
    bindAddress: options.bindAddress,
    host: options.host,
    memory: options.memory ?? {},
    memoryQueue: options.memoryQueue ?? "wait",
    memoryTimeoutMs: options.memoryTimeoutMs ?? DEFAULT_MEMORY_TIMEOUT_MS,
    stop: options.stop ?? "kill",
    waitFor: options.waitFor ?? {},
    publish: options.publish ?? {},
    hostAccess: options.hostAccess ?? false,
    allowRemoteIncludes: options.allowRemoteIncludes ?? false,
    logs: logSettings(options),
    shard: options.shard,
    signal: options.signal,
  };
}

function logSettings({ logs = {}, cwd = "." }: EnvironmentOptions): LogSettings | undefined {
  if (logs === false) return undefined;
  return {
    folder: resolve(cwd, logs.folder ?? DEFAULT_LOGS.folder),
    maxBytes: logs.maxBytes ?? DEFAULT_LOGS.maxBytes,
    keepRuns: logs.keepRuns ?? DEFAULT_LOGS.keepRuns,
    keepDays: logs.keepDays ?? DEFAULT_LOGS.keepDays,
  };
}

function isPort(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value < 65_536;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  const text =
    typeof value === "function"
      ? "a function"
      : inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 100 });
  return `${text} (${value === null ? "null" : typeof value})`;
}

import type { RealServicesOptions } from "./options.ts";

/** One option that cannot be used, in words for its user. */
export interface OptionProblem {
  readonly name: string;
  readonly received: unknown;
  readonly message: string;
}

interface Check {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const hasValues = (value: unknown, accepts: (item: unknown) => boolean): boolean =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every(accepts);

const text: Check = { expected: "a non-empty string", accepts: isText };
const texts: Check = { expected: "a list of strings", accepts: isTexts };
const textOrTexts: Check = {
  expected: "a string or a list of strings",
  accepts: (value) => isText(value) || isTexts(value),
};
const flag: Check = { expected: "true or false", accepts: (value) => typeof value === "boolean" };
const textByName: Check = {
  expected: "an object whose values are strings",
  accepts: (value) => hasValues(value, (item) => typeof item === "string"),
};
const call = (example: string): Check => ({
  expected: `a function, such as \`${example}\``,
  accepts: (value) => typeof value === "function",
});
const oneOf = (...values: readonly (string | boolean)[]): Check => ({
  expected: `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`,
  accepts: (value) => values.some((one) => one === value),
});

const milliseconds: Check = {
  expected: "a positive number of milliseconds",
  accepts: (value) => typeof value === "number" && Number.isFinite(value) && value > 0,
};

const CHECKS: { readonly [Name in keyof Required<RealServicesOptions>]: Check } = {
  compose: textOrTexts,
  profiles: texts,
  services: texts,
  env: call("(services) => ({ DATABASE_URL: services.postgres.url })"),
  composeEnv: textByName,
  include: textOrTexts,
  prepare: call("async ({ services }) => { … }"),
  timeout: milliseconds,
  pullTimeout: milliseconds,
  adopt: flag,
  keep: oneOf("on-failure", false),
  name: text,
  kind: oneOf("dedicated", "shared", "production"),
  build: oneOf("missing", "always", "never"),
  endpoints: textByName,
  startEngine: flag,
  bindAddress: text,
  host: text,
  publish: {
    expected: "an object whose values are lists of ports",
    accepts: (value) =>
      hasValues(value, (item) => Array.isArray(item) && item.every(Number.isInteger)),
  },
  memory: {
    expected: 'an object whose values are amounts such as "512m", or false',
    accepts: (value) => hasValues(value, (item) => item === false || isText(item)),
  },
  memoryQueue: oneOf("wait", "refuse", "off"),
  memoryTimeoutMs: {
    expected: "a positive number of milliseconds",
    accepts: (value) => typeof value === "number" && Number.isFinite(value) && value > 0,
  },
  stop: oneOf("kill", "graceful"),
  waitFor: {
    expected: "an object whose values are testcontainers' wait strategies",
    accepts: (value) =>
      hasValues(
        value,
        (item) => typeof item === "object" && item !== null && "waitUntilReady" in item,
      ),
  },
  logs: {
    expected: "an object, or false",
    accepts: (value) => value === false || hasValues(value, () => true),
  },
  failOn: {
    expected: 'an object such as `{ level: "fatal", pattern: /deadlock/ }`',
    accepts: (value) => hasValues(value, () => true) && isFailOn(Object(value)),
  },
  onFailure: call("async (report) => { … }"),
  hostAccess: flag,
  allowRemoteIncludes: flag,
};

function isFailOn({ level, pattern, ...rest }: Record<string, unknown>): boolean {
  return (
    [undefined, "fatal", "error"].some((one) => one === level) &&
    (pattern === undefined || pattern instanceof RegExp || isText(pattern)) &&
    (level !== undefined || pattern !== undefined) &&
    Object.keys(rest).length === 0
  );
}

/** The names of all options. */
export const OPTION_NAMES: readonly string[] = Object.keys(CHECKS);

/** The first option that cannot be used, or undefined. */
export function findOptionProblem(options: unknown): OptionProblem | undefined {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const message = `Expected the options of \`realServices\` to be an object, got ${describe(options)}.`;
    return { name: "options", received: options, message };
  }
  for (const [name, received] of Object.entries(options)) {
    const check: Check | undefined = Object.entries(CHECKS).find(([known]) => known === name)?.[1];
    if (check === undefined) {
      return { name, received, message: `There is no option \`${name}\`.` };
    }
    if (received !== undefined && !check.accepts(received)) {
      const message = `Expected the option \`${name}\` to be ${check.expected}, got ${describe(received)}.`;
      return { name, received, message };
    }
  }
  return undefined;
}

function describe(value: unknown): string {
  if (typeof value === "function") return "a function";
  const kind = value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
  const shown = JSON.stringify(value) ?? String(value);
  return shown === kind ? kind : `${shown} (${kind})`;
}

import type { EnvironmentOptions } from "@real-services/core";
import type { ServiceLogReporterOptions } from "@real-services/reporter";
import type { ServiceMap, ServiceName } from "./provided.ts";

/** What `prepare` works with. */
export interface PrepareContext {
  /** Name of the environment. */
  readonly name: string;
  readonly services: ServiceMap;
  /** What the option `env` returned; set in `process.env` as well. */
  readonly env: Readonly<Record<string, string>>;
}

type Variables = Readonly<Record<string, string | number | boolean | undefined>>;

/** Options of the plugin. Paths are relative to the Vitest project's root. */
export interface RealServicesOptions
  extends Pick<
    EnvironmentOptions,
    | "compose"
    | "profiles"
    | "name"
    | "kind"
    | "build"
    | "endpoints"
    | "startEngine"
    | "bindAddress"
    | "host"
    | "publish"
    | "memory"
    | "memoryQueue"
    | "memoryTimeoutMs"
    | "stop"
    | "waitFor"
    | "hostAccess"
    | "allowRemoteIncludes"
    | "logs"
  > {
  /** Start these services and what they depend on. @default all of the active profiles */
  services?: readonly ServiceName[];
  /**
   * Environment variables for the tests, set before any test file loads. A variable that comes out
   * undefined is an error.
   *
   * @example
   * env: (services) => ({ DATABASE_URL: services.postgres.url })
   */
  env?: (services: ServiceMap) => Variables | Promise<Variables>;
  /** Variables for the interpolation of the compose files, beside the process's own. @default {} */
  composeEnv?: Readonly<Record<string, string>>;
  /**
   * Test files that run only with real services on, as globs.
   * @default "**\/*.real.{test,spec}.?(c|m)[jt]s?(x)"
   */
  include?: string | readonly string[];
  /**
   * Migrations and seeds: called once for every environment, when all of its services are ready.
   * Throws: REAL_SERVICES_PREPARE_FAILED ends the run.
   *
   * @example
   * prepare: async ({ services }) => migrate(services.postgres.url)
   */
  prepare?: (context: PrepareContext) => unknown;
  /** Longest time until all services are ready, in milliseconds. @default 60_000 */
  timeout?: number;
  /** Longest time for pulling the images that the engine does not have, in milliseconds. @default 900_000 */
  pullTimeout?: number;
  /**
   * Use an environment of the same stack that `docker-manual start` left on the engine, instead of
   * starting one; not with `--shard`. It stays after the run. `prepare` runs on it as well.
   * @default true
   */
  adopt?: boolean;
  /**
   * Keep the environment of a failed run for one hour. `--real-services-keep` and
   * REAL_SERVICES_KEEP override it. @default false
   */
  keep?: "on-failure" | false;
  /**
   * A line of log at this level or worse, or one that matches, fails the test that was running when
   * it was written, or had ended within the last 50 ms; of concurrent tests each. Costs every real
   * test these 50 ms. @default none
   *
   * @example
   * failOn: { level: "fatal", pattern: /deadlock detected/ }
   */
  failOn?: FailOn;
  /**
   * Called once at the end of a run in which something failed, with what is known of services:
   * failures with their logs, and how services fared. Plain data, for CI systems that need a format
   * of their own. Awaited. @default none
   *
   * @example
   * onFailure: (report) => writeFile("service-logs.json", JSON.stringify(report))
   */
  onFailure?: NonNullable<ServiceLogReporterOptions["onFailure"]>;
}

/** Which lines of log fail a test. */
export interface FailOn {
  level?: "fatal" | "error";
  /** A text is looked for as it is. */
  pattern?: RegExp | string;
}

export const DEFAULT_INCLUDE = "**/*.real.{test,spec}.?(c|m)[jt]s?(x)";

/** The globs of the files that need real services. */
export function includeOf(options: RealServicesOptions): readonly string[] {
  const include = options.include ?? DEFAULT_INCLUDE;
  return typeof include === "string" ? [include] : include;
}

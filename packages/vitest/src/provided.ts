import type { ServiceInfo } from "@real-services/core";

/**
 * Declares what the compose file has, so that service names are checked and completed.
 *
 * @example
 * declare module "@real-services/vitest" {
 *   interface Register {
 *     services: "postgres" | "redis";
 *   }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be merged with.
export interface Register {}

/** The names given in `Register`, or any string. */
export type ServiceName = Register extends { services: infer Name extends string } ? Name : string;

/** The services of an environment by name. */
export type ServiceMap = { readonly [Name in ServiceName]: ServiceInfo };

/** What `inject("realServices")` gives to a test. */
export interface RealServices {
  /** Of the environment, such as `shop-test-3f9a1c`. */
  readonly name: string;
  readonly services: ServiceMap;
  /** What the option `env` returned. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of the folder that the services' logs are kept in; undefined with `logs: false`. */
  readonly logFolder: string | undefined;
}

/** What the test files of this run have to know beside the services. Not for users. */
export interface RunNotes {
  /** Files whose real tests were all filtered out: their services were not started. */
  readonly idle: readonly string[];
  /** Files that cannot run because their services did not start, and why; only in watch mode. */
  readonly failed: { readonly files: readonly string[]; readonly reason: string } | undefined;
}

/** Which lines of log fail the test that was running, as it travels to workers. Not for users. */
export interface FailOnNotes {
  readonly level: "fatal" | "error" | undefined;
  readonly pattern: { readonly source: string; readonly flags: string } | undefined;
}

declare module "vitest" {
  interface ProvidedContext {
    /** Undefined while real services are off. */
    realServices: RealServices;
    /** @internal */
    realServicesRun: RunNotes;
    /** @internal */
    realServicesFailOn: FailOnNotes;
  }
}

export type { ServiceInfo };

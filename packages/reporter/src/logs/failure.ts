import type { LogSlice } from "@real-services/core/logs";

/**
 * A test that failed, or a file or suite whose hooks failed, with what its services did meanwhile;
 * or a run that no test of it explains, with the last errors that its services logged.
 */
export interface ServiceFailure {
  readonly kind: "test" | "suite" | "file" | "run";
  /** With the names of its suites: `orders > are stored`; of a file its path; of a run what failed. */
  readonly name: string;
  /** Of its first error. */
  readonly message: string;
  /** Path of the test file; empty for a run. */
  readonly file: string;
  /** Name of the Vitest project; empty when there is only one. */
  readonly project: string;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  /** When each try began, if there was more than one: milliseconds since the epoch. */
  readonly tries: readonly number[];
  /** Full names of other tests that used the same environment at the same time. */
  readonly overlapping: readonly string[];
  /** Undefined when too many failed before it, or when nothing could be read. */
  readonly slice: LogSlice | undefined;
  /** Folder of the environment's logs. */
  readonly logFolder: string;
}

/** How one service fared in a run. */
export interface ServiceSummary {
  readonly service: string;
  /** Milliseconds from the beginning of the environment until it was ready. */
  readonly readyMs: number | undefined;
  /** How often a container of it was started again after it was ready. */
  readonly restarts: number;
  /** How its containers ended after that: `was OOM-killed here, limit 64 MiB`. */
  readonly deaths: readonly string[];
  /** Place of its whole log. */
  readonly file: string | undefined;
}

/** One environment of a run in which something failed. */
export interface EnvironmentSummary {
  readonly environment: string;
  readonly logFolder: string;
  readonly services: readonly ServiceSummary[];
  /** What died after it was ready, with its last lines; undefined when all lived. */
  readonly postMortem: LogSlice | undefined;
  /** One file to attach to a bug; undefined when it could not be written. */
  readonly reportFile: string | undefined;
}

/** All that a run's failures have to do with services. Plain data: it survives `JSON.stringify`. */
export interface FailureReport {
  readonly failures: readonly ServiceFailure[];
  /** Failures beyond those that are kept. */
  readonly omittedFailures: number;
  readonly environments: readonly EnvironmentSummary[];
}

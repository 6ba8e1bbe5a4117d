export interface HealthOptions {
  /** Name of the environment. @default all that this manager has acquired */
  environment?: string;
  /** All that there are on the engine, whichever process began them. @default false */
  all?: boolean;
}

export interface ReleaseOptions {
  /** Also release an environment whose owner is another living process. @default false */
  force?: boolean;
  /**
   * Stop the services of an environment that another process began before they are removed, each with
   * its own grace, dependants first. What this manager has acquired goes as its option `stop` says.
   * @default false
   */
  graceful?: boolean;
}

export interface SweepOptions {
  /** Only what was created at least so many milliseconds ago. @default 0 */
  olderThanMs?: number;
  /** Decide and report, remove nothing. @default false */
  dryRun?: boolean;
}

export interface WaitOptions {
  /** Milliseconds. @default the `timeoutMs` of the environment: 60_000 */
  timeoutMs?: number;
  /** Name of the environment. @default all that this manager has acquired */
  environment?: string;
  signal?: AbortSignal;
}

export interface RestartOptions {
  /** Name of the environment. @default the only one that this manager has acquired */
  environment?: string;
  /** Longest time until it is ready again, in milliseconds. @default the `timeoutMs` of the environment */
  timeoutMs?: number;
}

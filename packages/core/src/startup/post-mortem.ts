/** Why a service did not become ready, or died: what a person would look up first. */
export interface PostMortem {
  readonly service: string;
  readonly container: string;
  readonly image: string;
  readonly reason: "exited" | "unhealthy" | "timeout" | "removed" | "not-started";
  /** The engine's word: `running`, `paused`, `exited`, …; empty when there is no container. */
  readonly state: string;
  /** Of its last run; null while the container runs for the first time, or when it never started. */
  readonly exitCode: number | null;
  /** From the engine's own flag only: exit code 137 alone is no proof. */
  readonly oomKilled: boolean;
  readonly restartCount: number;
  /** The engine's own message, such as a failed mount or a missing binary; or a wait strategy's. */
  readonly engineError: string | null;
  /** The last health-check runs, oldest first. */
  readonly healthChecks: readonly { readonly exitCode: number; readonly output: string }[];
  /** Ports inside the container at which an answer was waited for until the time was over. */
  readonly closedPorts: readonly number[];
  /** The last lines of its log, secrets masked. */
  readonly logLines: readonly string[];
  /** The services that waited for this one. */
  readonly waitedForBy: readonly string[];
}

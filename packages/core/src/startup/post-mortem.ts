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
  /** That its exit code tells of, such as `SIGSEGV`; null for one that ended by itself. */
  readonly signal: string | null;
  /**
   * Memory ran out for a process in it, not always for the main one, as the engine's flag or event
   * says: exit code 137 alone is no proof. With cgroups v1 the engine does not notice what runs out
   * in the first milliseconds after the start (containerd watches from its return on).
   */
  readonly oomKilled: boolean;
  readonly restartCount: number;
  /**
   * The engine's own message, such as a failed mount or a missing binary; a wait strategy's; that
   * the engine has stopped answering, or that it was restarted after the container was made.
   */
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

import type { ContainerDetails } from "../engine/client.ts";
import { checkTimeoutMs, verdictAfterMs } from "../stack/health-check.ts";
import type { ComposeHealthCheck } from "../stack/model.ts";
import type { PostMortem } from "./post-mortem.ts";

export interface ContainerExpectation {
  readonly hasHealthCheck: boolean;
  /** Exit code 0 means that its work is done; otherwise it was to stay up. */
  readonly mayComplete: boolean;
  /** The user's own check, where the engine runs it more often than the user asked for. */
  readonly check: ComposeHealthCheck | undefined;
}

export type ContainerVerdict =
  /** Nothing to do but wait. */
  | { readonly is: "pending" }
  /** Runs, and no health check will say more: its ports decide. */
  | { readonly is: "running" }
  | { readonly is: "ready" }
  | { readonly is: "completed" }
  | { readonly is: "failed"; readonly reason: PostMortem["reason"] };

/** What the engine's account of a container means for the wait. `now` is by the engine's clock. */
export function judgeContainer(
  container: ContainerDetails,
  expected: ContainerExpectation,
  now: number,
): ContainerVerdict {
  switch (container.state) {
    case "running":
    case "paused":
      return judgeRunning(container, expected, now);
    case "exited":
      if (container.exitCode === 0 && expected.mayComplete) return { is: "completed" };
      // Between two attempts the engine says “restarting”; “exited” means that it has given up.
      return { is: "failed", reason: "exited" };
    case "dead":
    case "removing":
      return { is: "failed", reason: "exited" };
    default:
      return { is: "pending" };
  }
}

function judgeRunning(
  container: ContainerDetails,
  expected: ContainerExpectation,
  now: number,
): ContainerVerdict {
  if (!expected.hasHealthCheck) return { is: "running" };
  if (container.health === "healthy") return { is: "ready" };
  if (container.health === "unhealthy") return { is: "failed", reason: "unhealthy" };
  const isOverdue = expected.check !== undefined && isPastVerdict(container, expected.check, now);
  return isOverdue ? { is: "failed", reason: "unhealthy" } : { is: "pending" };
}

/** Between two runs of a check that is run often; a longer silence means that one is under way. */
const SILENCE_MS = 600;

/**
 * Whether the user's own rhythm would have led to *unhealthy* by now. A run that is still under way
 * may pass; only when each run had taken its full timeout would the verdict have been passed anyway.
 */
function isPastVerdict(
  container: ContainerDetails,
  check: ComposeHealthCheck,
  now: number,
): boolean {
  const beganAt = Date.parse(container.startedAt);
  const runs = container.healthLog.filter((run) => run.beganAt >= beganAt);
  const isUnderWay = now - (runs.at(-1)?.endedAt ?? beganAt) > SILENCE_MS;
  const total = runs.reduce((sum, run) => sum + (run.endedAt - run.beganAt), 0);
  const checkMs = isUnderWay || runs.length === 0 ? checkTimeoutMs(check) : total / runs.length;
  const verdict = verdictAfterMs(check, checkMs);
  return verdict !== undefined && now - beganAt >= verdict;
}

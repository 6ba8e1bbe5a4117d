import type { ContainerDetails } from "../engine/client.ts";
import type { PostMortem } from "./post-mortem.ts";

export interface ContainerExpectation {
  readonly hasHealthCheck: boolean;
  /** The engine starts it again when it ends with an error. */
  readonly restarts: boolean;
  /** When a check that never passed is a verdict, in milliseconds after the container's start. */
  readonly verdictMs: number | undefined;
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
      if (container.exitCode === 0) return { is: "completed" };
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
  const age = now - Date.parse(container.startedAt);
  const isOverdue = expected.verdictMs !== undefined && age >= expected.verdictMs;
  return isOverdue ? { is: "failed", reason: "unhealthy" } : { is: "pending" };
}

import type { ContainerDetails } from "../engine/engine-shapes.ts";
import type { PostMortem } from "./post-mortem.ts";

export interface ContainerExpectation {
  /** Exit code 0 means that its work is done; otherwise it was to stay up. */
  readonly mayComplete: boolean;
  /**
   * A health check that passes is not enough: the user gave a wait strategy, or it may have been
   * the server of the image's init phase that answered, which is about to end.
   */
  readonly hasOwnProbe: boolean;
}

export type ContainerVerdict =
  /** Nothing to do but wait. */
  | { readonly is: "pending" }
  /** Runs; whether it serves is for a probe to find out. */
  | { readonly is: "running" }
  | { readonly is: "ready" }
  | { readonly is: "completed" }
  | { readonly is: "failed"; readonly reason: PostMortem["reason"] };

/** What the engine's account of a container means for the wait. */
export function judgeContainer(
  container: ContainerDetails,
  expected: ContainerExpectation,
): ContainerVerdict {
  switch (container.state) {
    case "running":
      return judgeRunning(container, expected);
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
): ContainerVerdict {
  // The engine runs the user's check in the user's own rhythm: whether it is too late is its word.
  if (container.health === "unhealthy") return { is: "failed", reason: "unhealthy" };
  return container.health === "healthy" && !expected.hasOwnProbe
    ? { is: "ready" }
    : { is: "running" };
}

import type { EnvironmentState } from "./environment.ts";

/** Every way an environment may go; each path ends in clean-up. */
const NEXT: Readonly<Record<EnvironmentState, readonly EnvironmentState[]>> = {
  initialized: ["starting", "failed", "stopping"],
  starting: ["running", "failed", "stopping"],
  running: ["failed", "stopping"],
  failed: ["stopping"],
  stopping: ["stopped", "force-killed", "failed"],
  stopped: [],
  "force-killed": ["stopped", "failed"],
};

export function canMove(from: EnvironmentState, to: EnvironmentState): boolean {
  return NEXT[from].includes(to);
}

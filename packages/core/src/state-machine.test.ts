import { describe, expect, test } from "vitest";
import type { EnvironmentState } from "./environment.ts";
import { canMove } from "./state-machine.ts";

const STATES: readonly EnvironmentState[] = [
  "initialized",
  "starting",
  "running",
  "stopping",
  "stopped",
  "failed",
  "force-killed",
];

describe("every way an environment may go", () => {
  for (const from of STATES) {
    test(`from ${from}`, () => {
      expect(STATES.filter((to) => canMove(from, to))).toMatchSnapshot();
    });
  }
});

test("no state is a trap: each but the last leads to stopped", () => {
  for (const from of STATES) {
    const reached = new Set<EnvironmentState>([from]);
    for (const state of reached) {
      for (const to of STATES) if (canMove(state, to)) reached.add(to);
    }
    expect(reached).toContain("stopped");
    expect(canMove(from, from)).toBe(false);
  }
});

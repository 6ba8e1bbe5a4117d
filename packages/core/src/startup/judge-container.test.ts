import { describe, expect, test } from "vitest";
import type { ContainerDetails } from "../engine/client.ts";
import { type ContainerExpectation, judgeContainer } from "./judge-container.ts";

const STARTED = Date.parse("2026-01-01T00:00:00Z");
const container: ContainerDetails = {
  id: "c0ffee",
  name: "db-1",
  image: "db",
  state: "running",
  exitCode: 0,
  oomKilled: false,
  restartCount: 0,
  startedAt: "2026-01-01T00:00:00Z",
  error: "",
  health: undefined,
  healthLog: [],
  tty: false,
  networkMode: "default",
};
const plain: ContainerExpectation = { hasHealthCheck: false, mayComplete: true, check: undefined };
const checked: ContainerExpectation = {
  hasHealthCheck: true,
  mayComplete: true,
  check: { test: ["CMD", "x"], interval: "1s", retries: 3, timeout: "10s" },
};
const staysUp: ContainerExpectation = { ...plain, mayComplete: false };

/** Runs of a check that took so many milliseconds each, the last of which ended so long ago. */
function runs(age: number, checkMs: number, silentFor: number) {
  const endedAt = STARTED + age - silentFor;
  return [1, 0].map((ago) => {
    const end = endedAt - ago * (checkMs + 100);
    return { exitCode: 1, output: "", beganAt: end - checkMs, endedAt: end };
  });
}

test.each<[string, Partial<ContainerDetails>, ContainerExpectation, string]>([
  ["created", { state: "created" }, plain, "pending"],
  ["between two attempts", { state: "restarting", exitCode: 1 }, plain, "pending"],
  ["running, nothing checks it", {}, plain, "running"],
  ["running, its check under way", { health: "starting" }, checked, "pending"],
  ["running, the engine has no word on health yet", {}, checked, "pending"],
  ["healthy", { health: "healthy" }, checked, "ready"],
  ["unhealthy by the engine's own count", { health: "unhealthy" }, checked, "failed: unhealthy"],
  ["paused while starting", { state: "paused", health: "starting" }, checked, "pending"],
  ["ended well", { state: "exited" }, plain, "completed"],
  ["ended well, but was to stay up", { state: "exited" }, staysUp, "failed: exited"],
  ["ended badly", { state: "exited", exitCode: 3 }, plain, "failed: exited"],
  ["ended badly with a check", { state: "exited", exitCode: 3 }, checked, "failed: exited"],
  ["dead", { state: "dead" }, plain, "failed: exited"],
  ["being removed", { state: "removing" }, plain, "failed: exited"],
])("%s", (_case, details, expected, verdict) => {
  expect(judge(details, expected, 0)).toBe(verdict);
});

/** The user's numbers: 3 failures, 1 s apart, each run of the check at most 10 s. */
describe("a check that has not passed, when the user's own rhythm would have given up", () => {
  test.each([
    ["quick runs, just before", 2_990, 10, 0, "pending"],
    ["quick runs, just after", 3_040, 10, 0, "failed: unhealthy"],
    ["runs of 2 s each, after 3 s", 3_100, 2_000, 0, "pending"],
    ["runs of 2 s each, just before", 8_990, 2_000, 0, "pending"],
    ["runs of 2 s each, just after", 9_010, 2_000, 0, "failed: unhealthy"],
    ["one is under way that may pass", 3_100, 10, 2_000, "pending"],
    ["one is under way, but all had timed out by now", 33_000, 10, 2_000, "failed: unhealthy"],
  ])("%s", (_case, age, checkMs, silentFor, verdict) => {
    const healthLog = runs(age, checkMs, silentFor);
    expect(judge({ health: "starting", healthLog }, checked, age)).toBe(verdict);
  });

  test("the first run is still under way: never before its time is over", () => {
    expect(judge({ health: "starting" }, checked, 20_000)).toBe("pending");
    expect(judge({ health: "starting" }, checked, 33_000)).toBe("failed: unhealthy");
  });

  test("runs from before a restart do not count", () => {
    const healthLog = runs(-5_000, 10, 0);
    expect(judge({ health: "starting", healthLog }, checked, 3_100)).toBe("pending");
  });

  test("passing at the last moment counts", () => {
    expect(judge({ health: "healthy", healthLog: runs(9_999, 10, 0) }, checked, 9_999)).toBe(
      "ready",
    );
  });

  test("where the engine keeps the user's rhythm, its own verdict stands", () => {
    const own = { ...checked, check: undefined };
    expect(judge({ health: "starting", healthLog: runs(9_999, 10, 0) }, own, 9_999)).toBe(
      "pending",
    );
  });
});

function judge(
  details: Partial<ContainerDetails>,
  expected: ContainerExpectation,
  age: number,
): string {
  const verdict = judgeContainer({ ...container, ...details }, expected, STARTED + age);
  return verdict.is === "failed" ? `failed: ${verdict.reason}` : verdict.is;
}

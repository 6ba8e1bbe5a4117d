import { expect, test } from "vitest";
import type { ContainerDetails } from "../engine/engine-shapes.ts";
import { type ContainerExpectation, judgeContainer } from "./judge-container.ts";

const container: ContainerDetails = {
  id: "c0ffee",
  name: "db-1",
  image: "db",
  state: "running",
  exitCode: 0,
  oomKilled: false,
  restartCount: 0,
  startedAt: "2026-01-01T00:00:00Z",
  pid: 10,
  error: "",
  health: undefined,
  healthLog: [],
  check: undefined,
  ports: [],
  tty: false,
  networkMode: "default",
  labels: {},
};
const plain: ContainerExpectation = { mayComplete: true, hasOwnProbe: false };
const twice: ContainerExpectation = { ...plain, hasOwnProbe: true };
const staysUp: ContainerExpectation = { ...plain, mayComplete: false };

test.each<[string, Partial<ContainerDetails>, ContainerExpectation, string]>([
  ["created", { state: "created" }, plain, "pending"],
  ["between two attempts", { state: "restarting", exitCode: 1 }, plain, "pending"],
  ["running, nothing checks it", {}, plain, "running"],
  ["running, its check under way", { health: "starting" }, plain, "running"],
  ["healthy", { health: "healthy" }, plain, "ready"],
  ["healthy, perhaps in its init phase", { health: "healthy" }, twice, "running"],
  ["unhealthy by the engine's own count", { health: "unhealthy" }, plain, "failed: unhealthy"],
  ["unhealthy, though it starts twice", { health: "unhealthy" }, twice, "failed: unhealthy"],
  ["paused while starting", { state: "paused", health: "starting" }, plain, "pending"],
  ["ended well", { state: "exited" }, plain, "completed"],
  ["ended well, but was to stay up", { state: "exited" }, staysUp, "failed: exited"],
  ["ended badly", { state: "exited", exitCode: 3 }, plain, "failed: exited"],
  [
    "ended badly with a check",
    { state: "exited", exitCode: 3, health: "unhealthy" },
    plain,
    "failed: exited",
  ],
  ["dead", { state: "dead" }, plain, "failed: exited"],
  ["being removed", { state: "removing" }, plain, "failed: exited"],
])("%s", (_case, details, expected, verdict) => {
  expect(judge(details, expected)).toBe(verdict);
});

function judge(details: Partial<ContainerDetails>, expected: ContainerExpectation): string {
  const verdict = judgeContainer({ ...container, ...details }, expected);
  return verdict.is === "failed" ? `failed: ${verdict.reason}` : verdict.is;
}

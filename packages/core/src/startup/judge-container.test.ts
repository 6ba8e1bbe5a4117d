import { expect, test } from "vitest";
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
const checked: ContainerExpectation = { hasHealthCheck: true, restarts: false, verdictMs: 3_000 };
const unchecked: ContainerExpectation = { ...checked, hasHealthCheck: false, verdictMs: undefined };

test.each<[string, Partial<ContainerDetails>, ContainerExpectation, number, string]>([
  ["created", { state: "created" }, checked, 0, "pending"],
  ["between two attempts", { state: "restarting", exitCode: 1 }, checked, 0, "pending"],
  ["running, nothing checks it", {}, unchecked, 0, "running"],
  ["running, check under way", { health: "starting" }, checked, 2_999, "pending"],
  ["running, the engine has no word on health yet", {}, checked, 2_999, "pending"],
  ["healthy", { health: "healthy" }, checked, 0, "ready"],
  ["healthy at the last moment", { health: "healthy" }, checked, 9_999, "ready"],
  ["unhealthy by the engine's count", { health: "unhealthy" }, checked, 0, "failed: unhealthy"],
  ["ended well", { state: "exited" }, unchecked, 0, "completed"],
  ["ended badly", { state: "exited", exitCode: 3 }, unchecked, 0, "failed: exited"],
  [
    "ended badly for good",
    { state: "exited", exitCode: 3 },
    { ...checked, restarts: true },
    0,
    "failed: exited",
  ],
  ["dead", { state: "dead" }, checked, 0, "failed: exited"],
  ["being removed", { state: "removing" }, checked, 0, "failed: exited"],
  ["paused while starting", { state: "paused", health: "starting" }, checked, 0, "pending"],
])("%s", (_case, details, expectation, age, verdict) => {
  const judged = judgeContainer({ ...container, ...details }, expectation, STARTED + age);
  expect(judged.is === "failed" ? `failed: ${judged.reason}` : judged.is).toBe(verdict);
});

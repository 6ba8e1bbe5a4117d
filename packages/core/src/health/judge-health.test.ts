import { describe, expect, test } from "vitest";
import type { ContainerAccount, ContainerDetails } from "../engine/engine-shapes.ts";
import type { Health } from "../environment.ts";
import { containerHealth, isDone, serviceStatus, worst } from "./judge-health.ts";

function container(details: Partial<ContainerDetails>): ContainerDetails {
  return {
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
    ...details,
  };
}

test.each<[Partial<ContainerDetails>, Health, string]>([
  [{}, "HEALTHY", "running"],
  [{ health: "healthy" }, "HEALTHY", "running"],
  [{ health: "starting" }, "STARTING", "starting"],
  [{ health: "unhealthy" }, "UNHEALTHY", "error"],
  [{ state: "created" }, "STARTING", "starting"],
  [{ state: "restarting", exitCode: 1 }, "STARTING", "starting"],
  [{ state: "exited" }, "STOPPED", "stopped"],
  [{ state: "exited", exitCode: 1 }, "UNHEALTHY", "error"],
  [{ state: "paused" }, "STOPPED", "stopped"],
  [{ state: "dead" }, "UNHEALTHY", "error"],
  [{ state: "removing" }, "UNHEALTHY", "error"],
])("%o is %s, and its service %s", (details, health, status) => {
  expect(containerHealth(container(details))).toBe(health);
  expect(serviceStatus([container(details)])).toBe(status);
});

describe("the worst decides", () => {
  test.each<[readonly Health[], Health]>([
    [[], "HEALTHY"],
    [["HEALTHY", "HEALTHY"], "HEALTHY"],
    [["HEALTHY", "STARTING"], "STARTING"],
    [["STOPPED", "STARTING", "HEALTHY"], "STOPPED"],
    [["STOPPED", "UNHEALTHY", "STARTING"], "UNHEALTHY"],
  ])("%j is %s", (healths, health) => {
    expect(worst(healths)).toBe(health);
  });

  test("among the replicas of a service as well; no container at all is stopped", () => {
    expect(serviceStatus([container({}), container({ state: "exited", exitCode: 1 })])).toBe(
      "error",
    );
    expect(serviceStatus([])).toBe("stopped");
  });
});

describe("what ended with exit code 0 is done", () => {
  const ended = { state: "exited", exitCode: 0, check: undefined, publishes: false };
  const check = { command: ["true"], intervalMs: 1, timeoutMs: 1, retries: 1, startPeriodMs: 0 };
  const completed = "service_completed_successfully";
  type Ended = Pick<ContainerAccount, "state" | "exitCode" | "check" | "publishes">;

  test.each<[string, Partial<Ended>, readonly string[], boolean]>([
    ["nobody waits for it, and it serves nobody", {}, [], true],
    ["its end is waited for", {}, [completed], true],
    ["its end is waited for, whatever else it has", { check, publishes: true }, [completed], true],
    ["it is waited for as healthy", { check }, ["service_healthy"], false],
    ["only its start is waited for", {}, ["service_started"], true],
    ["it publishes ports", { publishes: true }, [], false],
    ["it has a health check", { check }, [], false],
    ["it failed", { exitCode: 1 }, [completed], false],
    ["it runs", { state: "running" }, [completed], false],
    ["it is paused", { state: "paused" }, [], false],
  ])("%s", (_case, details, conditions, done) => {
    expect(isDone([{ ...ended, ...details }], conditions)).toBe(done);
  });

  test("by all of its containers, and never without one", () => {
    expect(isDone([ended, { ...ended, state: "running" }], [])).toBe(false);
    expect(isDone([], [completed])).toBe(false);
  });
});

/** An AbortSignal ends an acquire or a wait at once, and what was begun is gone. */
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import type { LifecycleEvent } from "../src/events.ts";
import { IMAGE, Scenario } from "./scenario.ts";

const SLEEPER = `{ image: ${IMAGE}, command: [sleep, "600"], volumes: ["/anonymous"] }`;
const STACK = {
  "compose.yaml": `services: { a: ${SLEEPER}, b: ${SLEEPER}, c: ${SLEEPER} }`,
};
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
const STOP = new Error("Enough.");

/** Calls back with every creation on the engine that belongs to the scenario. */
async function onCreate(scenario: Scenario, listener: (type: string) => void) {
  const format = "{{.Type}} {{.Action}} {{.Actor.Attributes.name}}";
  const watching = execa("docker", ["events", "--since", "0m", "--format", format], {
    reject: false,
    buffer: false,
  });
  createInterface({ input: watching.stdout }).on("line", (line) => {
    const [type = "", action, name] = line.split(" ");
    if (action === "create" && name?.startsWith(`${scenario.name}-`)) listener(type);
  });
  return async () => {
    watching.kill();
    await watching;
  };
}

/** The engine may still be at work on what was asked for a moment before: watched for a while. */
async function expectNothingToAppear(scenario: Scenario): Promise<void> {
  for (let look = 0; look < 10; look += 1) {
    await scenario.expectNothingLeft();
    await delay(100);
  }
}

describe("during acquire", () => {
  test.concurrent("before it begins", async () => {
    await using scenario = new Scenario(STACK);
    const signal = AbortSignal.abort(STOP);
    await expect(scenario.manager().acquireEnvironment({ signal })).rejects.toBe(STOP);
    expect(scenario.events).toEqual([]);
  });

  test.concurrent.each<LifecycleEvent["type"]>([
    "services:planned",
    ...(IS_SOAK ? (["engine:found"] as const) : []),
  ])("on %s", async (type) => {
    await using scenario = new Scenario(STACK);
    const controller = new AbortController();
    const manager = scenario.manager();
    manager.subscribe((event) => event.type === type && controller.abort(STOP));
    const acquiring = manager.acquireEnvironment({ signal: controller.signal });
    await expect(acquiring).rejects.toBe(STOP);
    await expectNothingToAppear(scenario);
  });

  test.concurrent.each([
    ["the first container", "container", 1],
    ...(IS_SOAK
      ? [
          ["the network", "network", 1] as const,
          ["the second container", "container", 2] as const,
          ["the last container", "container", 3] as const,
        ]
      : []),
  ] as const)("as soon as %s is created", async (_what, wanted, count) => {
    await using scenario = new Scenario(STACK);
    const controller = new AbortController();
    let seen = 0;
    const stop = await onCreate(scenario, (type) => {
      if (type === wanted && ++seen === count) controller.abort(STOP);
    });
    const manager = scenario.manager({ signal: controller.signal });
    const outcome = await manager.acquireEnvironment().then(
      (environment) => environment,
      (error: unknown) => error,
    );
    // The last creation may have been heard of only after the acquire had ended well.
    if (outcome instanceof Error) expect(outcome).toBe(STOP);
    else await Promise.all(scenario.names().map((name) => manager.releaseEnvironment(name)));
    await stop();
    await expectNothingToAppear(scenario);
  });
});

test.concurrent("during a wait: the wait ends at once, and the release leaves nothing", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  slow: { image: ${IMAGE}, command: [sleep, "600"], healthcheck: { test: [CMD, "false"], interval: 30s } }
  after: { image: ${IMAGE}, depends_on: { slow: { condition: service_healthy } } }`,
  });
  const controller = new AbortController();
  const manager = scenario.manager({ signal: controller.signal });
  const environment = await manager.acquireEnvironment();
  manager.subscribe((event) => event.type === "service:started" && controller.abort(STOP));
  await expect(manager.waitForServices()).rejects.toBe(STOP);
  await manager.releaseEnvironment(environment.name);
  expect(environment.state).toBe("stopped");
  await expectNothingToAppear(scenario);
});

test.concurrent("of one wait only: the environment goes on, and others may wait for it", async () => {
  await using scenario = new Scenario({ "compose.yaml": `services: { a: ${SLEEPER} }` });
  const manager = scenario.manager();
  const { name } = await manager.acquireEnvironment();
  const signal = AbortSignal.abort(STOP);
  await expect(manager.waitForServices({ signal })).rejects.toBe(STOP);
  await manager.waitForServices();
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

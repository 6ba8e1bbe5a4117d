/** Limits that do not fit beside each other make environments wait for each other, in order. */
import { expect, test } from "vitest";
import type { EnvironmentOptions } from "../src/options.ts";
import { heavyStack } from "./heavy-stack.ts";
import { Owner } from "./owner.ts";
import { eventually, refusal, Scenario } from "./scenario.ts";
import { killWatchdogOf } from "./watchdogs.ts";

test("who does not fit waits for room, first come, first served, and says for whom, unless it was not to wait", async () => {
  const { bytes, files } = await heavyStack();
  await using scenario = new Scenario(files);
  const manager = scenario.manager();
  const first = await manager.acquireEnvironment();
  const before = await scenario.remains();
  const refused = await refusal(scenario.manager({ memoryQueue: "refuse" }).acquireEnvironment());
  expect(refused.code).toBe("REAL_SERVICES_NO_MEMORY");
  expect(refused.message).toContain(first.name);
  expect(refused.received).toBe(bytes);
  const late = scenario.manager({ memoryTimeoutMs: 1 }).acquireEnvironment();
  expect((await refusal(late)).code).toBe("REAL_SERVICES_NO_MEMORY");
  expect(await scenario.remains()).toEqual(before);
  const heedless = scenario.manager({ memoryQueue: "off" });
  await heedless.releaseEnvironment((await heedless.acquireEnvironment()).name);

  const told = scenario.story("memory:waiting").length;
  const order: string[] = [];
  const acquire = async (who: string, options: EnvironmentOptions = {}) => {
    const environment = await scenario.manager(options).acquireEnvironment();
    order.push(who);
    return environment;
  };
  const waiting = (count: number) =>
    eventually(
      () => scenario.events.filter(({ type }) => type === "memory:waiting").slice(told),
      ({ length }) => length === count,
    );
  const second = acquire("second");
  const [event] = await waiting(1);
  // Somebody else may hold some as well.
  expect(event).toMatchObject({
    bytes,
    holders: expect.arrayContaining([expect.objectContaining({ environment: first.name })]),
  });
  // Who gives up keeps no place.
  const abort = new AbortController();
  const given = acquire("given up", { signal: abort.signal });
  await waiting(2);
  const third = acquire("third");
  await waiting(3);
  abort.abort(new Error("No longer wanted."));
  await expect(given).rejects.toThrow("No longer wanted.");
  await manager.releaseEnvironment(first.name);
  await manager.releaseEnvironment((await second).name, { force: true });
  await manager.releaseEnvironment((await third).name, { force: true });
  expect(order).toEqual(["second", "third"]);
  await scenario.expectNothingLeft();
});

test("what the dead hold is taken from them before anybody waits for it, or is refused", async () => {
  await using scenario = new Scenario((await heavyStack()).files);
  await using owner = new Owner(scenario);
  await owner.says("ready");
  await killWatchdogOf(owner.pid);
  owner.kill("SIGKILL");
  await owner.end();
  const manager = scenario.manager({ memoryQueue: "refuse" });
  const { name } = await manager.acquireEnvironment();
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

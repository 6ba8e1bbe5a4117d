/** A queue of processes, of which any may die. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { heavyStack } from "./heavy-stack.ts";
import { Owner } from "./owner.ts";
import { eventually, Scenario } from "./scenario.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("who dies in line is not waited for, nor is its place kept", async () => {
  await using scenario = new Scenario((await heavyStack()).files);
  // The folder in which all of them wait.
  vi.stubEnv("REAL_SERVICES_STATE_DIR", join(scenario.folder, "state"));
  const manager = scenario.manager();
  const first = await manager.acquireEnvironment();
  await using second = new Owner(scenario);
  await second.says("waiting");
  const name = await second.says("planned");
  const third = scenario.manager().acquireEnvironment();
  const seen = () => scenario.events.filter(({ type }) => type === "memory:waiting");
  const [event] = await eventually(seen, ({ length }) => length === 1);
  expect(event).toMatchObject({
    holders: expect.arrayContaining([expect.objectContaining({ environment: name })]),
  });
  second.kill("SIGKILL");
  await second.end();
  await manager.releaseEnvironment(first.name);
  await manager.releaseEnvironment((await third).name, { force: true });
  await second.watchdogEnds();
  expect(readdirSync(join(scenario.folder, "state/memory"))).toEqual([]);
  await scenario.expectNothingLeft();
});

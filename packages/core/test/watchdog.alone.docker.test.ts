/**
 * The watchdog itself removes what its owner had, and writes down what it did. Alone, because the
 * sweep of any other acquire on the engine may be faster, and rightly so.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Owner } from "./owner.ts";
import { IMAGE, Scenario } from "./scenario.ts";

const STACK = {
  "compose.yaml": `
services: { db: { image: ${IMAGE}, command: [sleep, "600"], volumes: ["data:/data", "/anonymous"] } }
volumes: { data: {} }`,
};

test.each(["owner", "group"] as const)("SIGKILL of the %s", async (who) => {
  await using scenario = new Scenario(STACK);
  await using owner = new Owner(scenario);
  const name = await owner.says("ready");
  owner.kill("SIGKILL", who);
  await owner.end();
  await owner.watchdogEnds();
  const left = await scenario.remains();
  expect([left.containers, left.networks, left.volumes]).toEqual([[], [], []]);
  const folder = join(scenario.folder, "state/environments", name);
  const log = join(folder, "watchdog.log");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(log).mode & 0o777).toBe(0o600);
  const said = readFileSync(log, "utf8");
  expect(said).toContain(`process ${owner.pid} is gone; removing ${name}`);
  expect(said).toContain("removed 1 containers, 1 networks, 1 volumes");
  expect(readdirSync(join(scenario.folder, "state/ports"))).toEqual([]);
});

/**
 * The watchdog itself removes what its owner had, and writes down what it did. Alone, because the
 * sweep of any other acquire on the engine may be faster, and rightly so.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { Owner } from "./owner.ts";
import { IMAGE, inspect, Scenario } from "./scenario.ts";

const STACK = {
  "compose.yaml": `
services: { db: { image: ${IMAGE}, command: [sleep, "600"], volumes: ["data:/data", "/anonymous"] } }
volumes: { data: {} }`,
};

test("SIGKILL of one owner alone, and of one with its group", async () => {
  const deaths = ["owner", "group"] as const;
  await using scenario = new Scenario(STACK);
  await using first = new Owner(scenario);
  await using second = new Owner(scenario);
  const owners = [first, second];
  const names = await Promise.all(
    owners.map(async (owner) => {
      const name = await owner.says("ready");
      // The sweep of its acquire is done: from now on nobody else removes anything.
      await owner.says(`swept ${name}`);
      return name;
    }),
  );
  const { containers } = await scenario.remains();
  const mounts = await Promise.all(
    containers.map((id) => inspect(id, "range .Mounts}}{{.Name}} {{end")),
  );
  // The anonymous ones carry no label of ours.
  const volumes = mounts.flatMap((names) => names.trim().split(" "));
  expect(volumes).toHaveLength(4);
  for (const [index, owner] of owners.entries()) owner.kill("SIGKILL", deaths[index]);
  await Promise.all(owners.map((owner) => owner.end()));
  await Promise.all(owners.map((owner) => owner.watchdogEnds()));
  await scenario.expectNothingLeft();
  const { stdout } = await execa("docker", ["volume", "ls", "-q"]);
  expect(stdout.split("\n").filter((volume) => volumes.includes(volume))).toEqual([]);
  const state = join(scenario.folder, "state");
  for (const [index, owner] of owners.entries()) {
    const name = names[index] ?? "";
    const folder = join(state, "environments", name);
    const log = join(folder, "watchdog.log");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(log).mode & 0o777).toBe(0o600);
    const said = readFileSync(log, "utf8");
    expect(said).toContain(`process ${owner.pid} is gone; removing ${name}`);
    expect(said).toContain("removed 1 containers, 1 networks, 1 volumes");
  }
  expect(readdirSync(join(state, "ports"))).toEqual([]);
});

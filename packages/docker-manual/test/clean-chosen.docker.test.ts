/** When something hangs its owner is alive: clean removes that too, but only when it is told to. */
import { once } from "node:events";
import { expect, test } from "vitest";
import { killWatchdogOf } from "../../core/test/watchdogs.ts";
import { spawnOwner } from "./owner.ts";
import { Workshop } from "./workshop.ts";

test("one that a living process owns, one that was killed, and all", async () => {
  await using workshop = await Workshop.open();
  const [living, killed] = await Promise.all([spawnOwner(workshop), spawnOwner(workshop)]);
  try {
    // Looking at it from outside works while its owner is at work.
    expect((await workshop.run(["logs", "-e", living.name, "web"])).stdout).toContain(
      "peer listens",
    );

    const refused = await workshop.run(["clean", "-e", living.name]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(`process ${living.owner.pid}`);
    expect(refused.stderr).toContain("--force");

    await killWatchdogOf(killed.owner.pid ?? 0);
    killed.owner.kill("SIGKILL");
    await once(killed.owner, "exit");
    const health = await workshop.run(["health", "-e", killed.name]);
    expect(health.exitCode).toBe(0);
    expect((await workshop.run(["clean", "-e", killed.name])).exitCode).toBe(0);
    expect(await workshop.environments()).toEqual([living.name]);

    const asked = await workshop.run(["clean", "--all"]);
    expect(asked.exitCode).toBe(1);
    expect(asked.stderr).toContain(living.name);
    expect(await workshop.environments()).toEqual([living.name]);

    const plan = await workshop.run(["clean", "--all", "--dry-run"]);
    expect(plan.stdout).toContain(`would remove  ${living.name}`);
    expect(await workshop.environments()).toEqual([living.name]);

    const done = await workshop.run(["clean", "--all", "--force"]);
    expect(done.exitCode).toBe(0);
    expect(done.stdout).toContain(`asked for; its owner was process ${living.owner.pid}`);
    expect(await workshop.environments()).toEqual([]);
  } finally {
    for (const { owner } of [living, killed]) owner.kill("SIGKILL");
  }
});

test("none, and several", async () => {
  await using workshop = await Workshop.open();
  const none = await workshop.run(["health"]);
  expect(none.exitCode).toBe(1);
  expect(none.stderr).toContain("REAL_SERVICES_UNKNOWN_ENVIRONMENT");
  const names = [await workshop.start(), await workshop.start()];
  const several = await workshop.run(["ports"]);
  expect(several.exitCode).toBe(1);
  for (const name of names) expect(several.stderr).toContain(name);
  expect((await workshop.run(["ports", "-e", names[0] ?? ""])).exitCode).toBe(0);
});

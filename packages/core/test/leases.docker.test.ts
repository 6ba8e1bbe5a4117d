/** A lease keeps an environment, whatever becomes of the process that began it, until it has run out. */
import { expect, vi } from "vitest";
import { listLabelled } from "./engine-api.ts";
import { OwnerProcess, testOnHost, useOwnState } from "./made-up-host.ts";
import { eventually, IMAGE, Scenario } from "./scenario.ts";

const STACK = {
  "compose.yaml": `
services: { db: { image: ${IMAGE}, command: [sleep, "600"], volumes: ["data:/data", "/anonymous"] } }
volumes: { data: {} }`,
};

vi.mock("../src/ownership/process-identity.ts", async (importOriginal) =>
  (await import("./made-up-host.ts")).onMadeUpHosts(importOriginal),
);
useOwnState();

async function isThere(name: string): Promise<boolean> {
  return (await listLabelled()).some(
    ({ what, environment }) => what === "container" && environment === name,
  );
}

testOnHost("an environment that begins with one is kept, and anybody may release it", async () => {
  await using scenario = new Scenario(STACK);
  await using owner = await OwnerProcess.start();
  // As long as it takes to be ready on a busy machine.
  const { name } = await owner.acquire(scenario, { leaseMs: 60_000 });
  await owner.kill();
  const manager = scenario.manager();
  const kept = await manager.cleanupOrphanedContainers();
  expect(kept.decisions.find(({ environment }) => environment === name)).toMatchObject({
    action: "kept",
    reason: expect.stringMatching(/^its lease runs until 20/),
  });
  const [listed] = (await manager.listEnvironments()).filter((found) => found.name === name);
  expect(listed?.owner).toMatchObject({ kind: "lease", liveness: "alive" });
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

testOnHost(
  "it outlives the process that owned the environment; renewing it moves the deadline; nothing is left after the next sweep, and nothing was gone before",
  async () => {
    await using scenario = new Scenario(STACK);
    await using owner = await OwnerProcess.start();
    const { name } = await owner.acquire(scenario);
    const manager = scenario.manager();
    const first = await manager.leaseEnvironment(name, { leaseMs: 60_000 });
    const { until } = await manager.leaseEnvironment(name, { leaseMs: 90_000 });
    expect(Date.parse(until)).toBeGreaterThan(Date.parse(first.until));
    await owner.kill();
    const { decisions } = await manager.cleanupOrphanedContainers();
    expect(decisions.find(({ environment }) => environment === name)).toMatchObject({
      action: "kept",
      reason: `its lease runs until ${until}`,
      // Of the stack, not the one that carries the lease.
      volumes: 1,
    });
    const chosen = await manager.removeEnvironments({ names: [name], dryRun: true });
    expect(chosen.decisions).toMatchObject([{ environment: name, volumes: 1 }]);

    const last = await manager.leaseEnvironment(name, { leaseMs: 1_000 });
    await eventually(
      async () => {
        await manager.cleanupOrphanedContainers();
        return isThere(name);
      },
      (there) => {
        // Looked at a moment before: the deadline may pass in between.
        if (!there) expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(last.until));
        return !there;
      },
    );
    await scenario.expectNothingLeft();
  },
);

/**
 * Only what is provably abandoned is removed. Owners here are real processes of a made-up host, so
 * that no other process's sweep on this engine can tell whether they are alive, and interfere.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EngineClient } from "../src/engine/client.ts";
import { DEFAULT_URL, parseEndpoint } from "../src/engine/endpoint.ts";
import type { EnvironmentOptions } from "../src/options.ts";
import { startHeartbeat } from "../src/ownership/heartbeat.ts";
import type { ProcessOwner } from "../src/ownership/owner.ts";
import { readProcess } from "../src/ownership/process-identity.ts";
import { LABEL, readLabels } from "../src/stack/labels.ts";
import { eventually, IMAGE, refusal, Scenario } from "./scenario.ts";

const STACK = {
  "compose.yaml": `
services: { db: { image: ${IMAGE}, command: [sleep, "600"], volumes: ["data:/data", "/anonymous"] } }
volumes: { data: {} }`,
};

const identity = vi.hoisted(() => ({ host: "", owner: undefined as ProcessOwner | undefined }));
vi.mock("../src/ownership/process-identity.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../src/ownership/process-identity.ts")>();
  const readOwnIdentity = async () =>
    identity.owner ?? { ...(await original.readOwnIdentity()), host: identity.host };
  return { ...original, readOwnIdentity };
});

const children: ChildProcess[] = [];
beforeEach(() => {
  identity.host = `made-up-${crypto.randomUUID()}`;
});
afterEach(async () => {
  identity.owner = undefined;
  vi.unstubAllEnvs();
  for (const child of children.splice(0)) await kill(child);
});

/** A process that owns what is acquired in its name; it ends only when it is killed. */
async function ownerProcess() {
  const child = spawn("sleep", ["600"]);
  children.push(child);
  await once(child, "spawn");
  return { child, pid: child.pid ?? 0 };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** Acquired as that process would; its manager forgets it, as a killed process does. */
async function acquireAs(pid: number, scenario: Scenario, options: EnvironmentOptions = {}) {
  vi.stubEnv("REAL_SERVICES_STATE_DIR", `${scenario.folder}/state`);
  const reading = await readProcess(pid);
  const startTime = reading.state === "running" ? reading.startTime : "";
  const { readOwnIdentity } = await import("../src/ownership/process-identity.ts");
  identity.owner = { ...(await readOwnIdentity()), pid, startTime };
  try {
    const manager = scenario.manager(options);
    const environment = await manager.acquireEnvironment();
    await manager.waitForServices();
    return environment;
  } finally {
    identity.owner = undefined;
  }
}

async function isThere(name: string): Promise<boolean> {
  const { stdout } = await execa("docker", [
    ...["ps", "-aq", "--filter", `label=${LABEL.environment}=${name}`],
  ]);
  return stdout !== "";
}

const sweeps = (scenario: Scenario, name: string) =>
  scenario.events.flatMap((event) =>
    event.type === "sweep" && event.decision.environment === name ? [event.decision] : [],
  );

test("the next acquire removes what a dead owner left, and keeps what a living one has", async () => {
  await using scenario = new Scenario(STACK);
  const [first, second] = [await ownerProcess(), await ownerProcess()];
  const dead = await acquireAs(first.pid, scenario);
  const living = await acquireAs(second.pid, scenario);
  await kill(first.child);

  const manager = scenario.manager();
  const next = await manager.acquireEnvironment();
  await eventually(
    () => sweeps(scenario, dead.name),
    (decisions) => decisions.some(({ action }) => action === "removed"),
  );
  expect(sweeps(scenario, dead.name).at(-1)).toEqual({
    environment: dead.name,
    action: "removed",
    reason: `owner process ${first.pid} is dead`,
    containers: 1,
    networks: 1,
    volumes: 1,
  });
  expect(sweeps(scenario, living.name).at(-1)).toMatchObject({
    action: "kept",
    reason: `owner process ${second.pid} is alive`,
  });
  expect(await isThere(dead.name)).toBe(false);
  expect(await isThere(living.name)).toBe(true);
  await manager.releaseEnvironment(next.name);

  const refused = await refusal(manager.releaseEnvironment(living.name));
  expect(refused).toMatchObject({ code: "REAL_SERVICES_OWNER_ALIVE", received: living.name });
  expect(refused.message).toContain(`process ${second.pid}`);
  identity.host = "yet another";
  const unknown = await refusal(manager.releaseEnvironment(living.name));
  expect(unknown.code).toBe("REAL_SERVICES_OWNER_ALIVE");
  expect(unknown.message).toContain("cannot be checked from here");
  expect(await isThere(living.name)).toBe(true);
  await manager.releaseEnvironment(living.name, { force: true });
  await scenario.expectNothingLeft();
  expect(await refusal(manager.releaseEnvironment(living.name))).toMatchObject({
    code: "REAL_SERVICES_UNKNOWN_ENVIRONMENT",
  });
});

test("a dry run and an age only narrow what is removed", async () => {
  await using scenario = new Scenario(STACK);
  const { pid, child } = await ownerProcess();
  const { name } = await acquireAs(pid, scenario);
  const manager = scenario.manager();
  const decide = async (sweep: Promise<{ decisions: readonly { environment: string }[] }>) =>
    (await sweep).decisions.find(({ environment }) => environment === name);

  // Whatever the age: a living owner's is kept.
  expect(await decide(manager.cleanupOldEnvironments({ olderThanMs: 0 }))).toMatchObject({
    action: "kept",
    reason: `owner process ${pid} is alive`,
  });
  await kill(child);
  for (const sweep of [
    manager.cleanupOldEnvironments(),
    manager.cleanupOldEnvironments({ olderThanMs: 60_000 }),
    manager.cleanupOrphanedContainers({ olderThanMs: 60_000 }),
  ]) {
    expect(await decide(sweep)).toMatchObject({
      action: "kept",
      reason: `owner process ${pid} is dead, but it is younger than asked for`,
    });
  }
  expect(await decide(manager.cleanupOrphanedContainers({ dryRun: true }))).toMatchObject({
    action: "removed",
  });
  expect(await isThere(name)).toBe(true);
  const [listed] = (await manager.listEnvironments()).filter((found) => found.name === name);
  expect(listed).toMatchObject({ orphan: true, owner: { liveness: "dead" } });

  expect(await decide(manager.cleanupOldEnvironments({ olderThanMs: 1 }))).toMatchObject({
    action: "removed",
    reason: `owner process ${pid} is dead`,
  });
  await scenario.expectNothingLeft();
});

describe("a lease", () => {
  test("keeps an environment until its deadline, and not longer; renewing it moves the deadline", async () => {
    await using scenario = new Scenario(STACK);
    const { pid, child } = await ownerProcess();
    // As long as it takes to be ready on a busy machine; renewed below.
    const { name } = await acquireAs(pid, scenario, { leaseMs: 60_000 });
    await kill(child);
    const manager = scenario.manager();
    const kept = await manager.cleanupOrphanedContainers();
    expect(kept.decisions.find(({ environment }) => environment === name)).toMatchObject({
      action: "kept",
      reason: expect.stringMatching(/^its lease runs until 20/),
    });
    const [listed] = (await manager.listEnvironments()).filter((found) => found.name === name);
    expect(listed?.owner).toMatchObject({ kind: "lease", liveness: "alive" });
    // A lease asks nobody who releases it.
    await manager.releaseEnvironment(name);
    await scenario.expectNothingLeft();
  });

  test("runs out: nothing is left after the next sweep, and nothing was gone before", async () => {
    await using scenario = new Scenario(STACK);
    const manager = scenario.manager({ leaseMs: 1_500 });
    const { name } = await manager.acquireEnvironment();
    const { until } = await manager.leaseEnvironment(name, { leaseMs: 2_500 });
    const again = await manager.leaseEnvironment(name, { leaseMs: 3_000 });
    expect(Date.parse(again.until)).toBeGreaterThan(Date.parse(until));
    const sweeper = scenario.manager();
    await eventually(
      async () => {
        await sweeper.cleanupOrphanedContainers();
        return isThere(name);
      },
      (there) => {
        // Looked at a moment before: the deadline may pass in between.
        if (!there) expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(again.until));
        return !there;
      },
    );
    await scenario.expectNothingLeft();
  });

  test("outlives the process that owned the environment", async () => {
    await using scenario = new Scenario(STACK);
    const { pid, child } = await ownerProcess();
    const { name } = await acquireAs(pid, scenario);
    const manager = scenario.manager();
    const { until } = await manager.leaseEnvironment(name, { leaseMs: 60_000 });
    await kill(child);
    const { decisions } = await manager.cleanupOrphanedContainers();
    expect(decisions.find(({ environment }) => environment === name)).toMatchObject({
      action: "kept",
      reason: `its lease runs until ${until}`,
    });
    await manager.releaseEnvironment(name);
    await scenario.expectNothingLeft();
  });
});

test("canaries: what only looks like ours is never touched", async () => {
  await using scenario = new Scenario(STACK);
  const { pid, child } = await ownerProcess();
  const dead = await acquireAs(pid, scenario);
  const keeper = await ownerProcess();
  const living = await acquireAs(keeper.pid, scenario);
  const labelsOf = async (name: string): Promise<Record<string, string>> => {
    const filter = `label=${LABEL.environment}=${name}`;
    const { stdout: id } = await execa("docker", ["ps", "-q", "--filter", filter]);
    const format = "{{json .Config.Labels}}";
    return JSON.parse((await execa("docker", ["inspect", "--format", format, id])).stdout);
  };
  const deadLabels = await labelsOf(dead.name);
  const livingLabels = await labelsOf(living.name);
  await kill(child);

  const flags = (labels: Record<string, string | undefined>) =>
    Object.entries(labels).flatMap(([name, value]) => ["--label", `${name}=${value}`]);
  const without = (...names: string[]) =>
    Object.fromEntries(Object.entries(deadLabels).filter(([name]) => !names.includes(name)));
  const run = async (...args: string[]) =>
    (await execa("docker", ["create", ...args, IMAGE, "true"])).stdout;
  const containers = [
    await run("--name", `${dead.name}-db-2`),
    await run("--name", `${dead.name}_canary`, ...flags({ [LABEL.id]: dead.id })),
    await run(...flags(without(LABEL.owner))),
    await run(...flags(without(LABEL.created, LABEL.stack))),
    await run(...flags({ ...deadLabels, [LABEL.owner]: "" })),
    await run(...flags({ ...deadLabels, [LABEL.owner]: "not an owner" })),
    await run("--label", `com.docker.compose.project=${dead.name}`),
    // The id of the dead one's under a living owner.
    await run(...flags({ ...deadLabels, [LABEL.owner]: livingLabels[LABEL.owner] })),
  ];
  // The living one's labels with a dead owner: whoever made that, the living one's are not his.
  const forged = await run(...flags({ ...livingLabels, [LABEL.owner]: deadLabels[LABEL.owner] }));
  const network = `${dead.name}_canary`;
  const volume = `${dead.name}_canary`;
  await execa("docker", [
    ...["network", "create", "--subnet", "198.19.254.224/27"],
    ...[...flags(without(LABEL.kind)), network],
  ]);
  await execa("docker", ["volume", "create", ...flags(without(LABEL.kind)), volume]);
  try {
    const manager = scenario.manager();
    const { decisions } = await manager.cleanupOrphanedContainers();
    expect(decisions.filter(({ environment }) => environment === dead.name)).toContainEqual(
      expect.objectContaining({ action: "removed", containers: 1, networks: 1, volumes: 1 }),
    );
    for (const id of containers) await execa("docker", ["inspect", id]);
    await execa("docker", ["network", "inspect", network]);
    await execa("docker", ["volume", "inspect", volume]);
    expect(await isThere(living.name)).toBe(true);
    await execa("docker", ["exec", living.services["db"]?.containers[0] ?? "", "true"]);
  } finally {
    await execa("docker", ["rm", "-f", ...containers, forged], { reject: false });
    await execa("docker", ["network", "rm", network]);
    await execa("docker", ["volume", "rm", volume]);
  }
  await scenario.manager().releaseEnvironment(living.name, { force: true });
  await scenario.expectNothingLeft();
});

test("releasing twice at once, or by another manager of the same process, is no error", async () => {
  await using scenario = new Scenario(STACK);
  const manager = scenario.manager();
  const first = await manager.acquireEnvironment();
  await Promise.all([1, 2, 3].map(() => manager.releaseEnvironment(first.name)));
  const second = await manager.acquireEnvironment();
  await scenario.manager().releaseEnvironment(second.name);
  await scenario.expectNothingLeft();
  await refusal(manager.releaseEnvironment(first.name));
});

test("ten sweeps at once remove an orphan once, and nothing of the living", async () => {
  await using scenario = new Scenario(STACK);
  const [first, second] = [await ownerProcess(), await ownerProcess()];
  const dead = await acquireAs(first.pid, scenario);
  const living = await acquireAs(second.pid, scenario);
  await kill(first.child);
  const reports = await Promise.all(
    Array.from({ length: 10 }, () => scenario.manager().cleanupOrphanedContainers()),
  );
  const decisions = reports.flatMap((report) => report.decisions);
  expect(decisions.filter(({ action }) => action === "failed")).toEqual([]);
  expect(await isThere(dead.name)).toBe(false);
  expect(await isThere(living.name)).toBe(true);
  await scenario.manager().releaseEnvironment(living.name, { force: true });
  await scenario.expectNothingLeft();
});

test("an owner out of sight is taken at its word: until it was to be heard of again", async () => {
  await using scenario = new Scenario(STACK);
  const { pid, child } = await ownerProcess();
  const { id, name, services } = await acquireAs(pid, scenario);
  await kill(child);
  identity.host = "yet another";
  const manager = scenario.manager();
  const decide = async () =>
    (await manager.cleanupOrphanedContainers()).decisions.find(
      ({ environment }) => environment === name,
    );
  expect(await decide()).toMatchObject({
    action: "kept",
    reason: expect.stringContaining("cannot be checked from here"),
  });

  const client = new EngineClient(
    parseEndpoint(process.env["DOCKER_HOST"] ?? DEFAULT_URL, "default", {}),
  );
  const [container] = await client.listContainers([`${LABEL.id}=${id}`]);
  expect(container?.id).toBe(services["db"]?.containers[0]);
  const labels = readLabels(container?.labels);
  if (labels === undefined) throw new Error("It has lost its labels.");
  const clock = { heartbeatMs: 60_000, periodMs: 60_000 };
  startHeartbeat(client, labels, 0, clock)();
  await eventually(decide, (decision) =>
    /has until .* to be heard of/.test(decision?.reason ?? ""),
  );
  // A beat that lies behind, instead of waiting for it to.
  startHeartbeat(client, labels, -120_000, clock)();
  await eventually(decide, (decision) => decision?.action === "removed");
  await scenario.expectNothingLeft();
});

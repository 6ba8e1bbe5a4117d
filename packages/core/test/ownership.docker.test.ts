/**
 * Only what is provably abandoned is removed. Owners here are real processes of a made-up host, so
 * that no other process's sweep on this engine can tell whether they are alive, and interfere.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { expect, vi } from "vitest";
import { EngineClient } from "../src/engine/client.ts";
import { DEFAULT_URL, parseEndpoint } from "../src/engine/endpoint.ts";
import { startHeartbeat } from "../src/ownership/heartbeat.ts";
import { renewLease } from "../src/ownership/lease.ts";
import { writeOwner } from "../src/ownership/owner.ts";
import { readOwnIdentity } from "../src/ownership/process-identity.ts";
import { LABEL, readLabels } from "../src/stack/labels.ts";
import { listLabelled } from "./engine-api.ts";
import { OwnerProcess, testOnHost, useOwnState } from "./made-up-host.ts";
import { eventually, IMAGE, refusal, Scenario } from "./scenario.ts";

const STACK = {
  "compose.yaml": `
services: { db: { image: ${IMAGE}, command: [sleep, "600"], volumes: ["data:/data", "/anonymous"] } }
volumes: { data: {} }`,
};

vi.mock("../src/ownership/process-identity.ts", async (importOriginal) =>
  (await import("./made-up-host.ts")).onMadeUpHosts(importOriginal),
);
useOwnState();

const HOUR_MS = 3_600_000;
/** Of a race. */
const ROUNDS = process.env["REAL_SERVICES_SOAK"] === "1" ? 5 : 1;
const ENDPOINT = parseEndpoint(process.env["DOCKER_HOST"] ?? DEFAULT_URL, "default", {});

async function isThere(name: string): Promise<boolean> {
  return (await listLabelled()).some(
    ({ what, environment }) => what === "container" && environment === name,
  );
}

const sweeps = (scenario: Scenario, name: string) =>
  scenario.events.flatMap((event) =>
    event.type === "sweep" && event.decision.environment === name ? [event.decision] : [],
  );

testOnHost(
  "the next acquire removes what a dead owner left, and keeps what a living one has",
  async (place) => {
    await using scenario = new Scenario(STACK);
    await using first = await OwnerProcess.start();
    await using second = await OwnerProcess.start();
    const [dead, living] = await Promise.all([first.acquire(scenario), second.acquire(scenario)]);
    await first.kill();

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
    // Its own process's, whichever manager.
    await scenario.manager().releaseEnvironment(next.name);

    const refused = await refusal(manager.releaseEnvironment(living.name));
    expect(refused).toMatchObject({ code: "REAL_SERVICES_OWNER_ALIVE", received: living.name });
    expect(refused.message).toContain(`process ${second.pid}`);
    place.host = "yet another";
    const unknown = await refusal(manager.releaseEnvironment(living.name));
    expect(unknown.code).toBe("REAL_SERVICES_OWNER_ALIVE");
    expect(unknown.message).toContain("cannot be checked from here");
    expect(await isThere(living.name)).toBe(true);
    await manager.releaseEnvironment(living.name, { force: true });
    await scenario.expectNothingLeft();
    expect(await refusal(manager.releaseEnvironment(living.name))).toMatchObject({
      code: "REAL_SERVICES_UNKNOWN_ENVIRONMENT",
    });
  },
);

testOnHost(
  "a dry run and an age only narrow what is removed; ten sweeps at once fail at nothing, and leave the living",
  async () => {
    await using scenario = new Scenario(STACK);
    await using owner = await OwnerProcess.start();
    await using keeper = await OwnerProcess.start();
    const { pid } = owner;
    const [{ name }, living] = await Promise.all([
      owner.acquire(scenario),
      keeper.acquire(scenario),
    ]);
    const manager = scenario.manager();
    const decide = async (sweep: Promise<{ decisions: readonly { environment: string }[] }>) =>
      (await sweep).decisions.find(({ environment }) => environment === name);

    // Whatever the age: a living owner's is kept.
    expect(await decide(manager.cleanupOldEnvironments({ olderThanMs: 0 }))).toMatchObject({
      action: "kept",
      reason: `owner process ${pid} is alive`,
    });
    await owner.kill();
    for (const sweep of [
      manager.cleanupOldEnvironments(),
      manager.cleanupOldEnvironments({ olderThanMs: HOUR_MS }),
      manager.cleanupOrphanedContainers({ olderThanMs: HOUR_MS }),
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

    const sweeps = Array.from({ length: 10 }, () =>
      scenario.manager().cleanupOldEnvironments({ olderThanMs: 1 }),
    );
    const decisions = (await Promise.all(sweeps)).flatMap((sweep) => sweep.decisions);
    const own = decisions.filter(({ environment }) => environment === name);
    expect(own).toContainEqual(
      expect.objectContaining({ action: "removed", reason: `owner process ${pid} is dead` }),
    );
    expect(own).not.toContainEqual(expect.objectContaining({ action: "failed" }));
    expect(await isThere(name)).toBe(false);
    expect(await isThere(living.name)).toBe(true);
    await manager.releaseEnvironment(living.name, { force: true });
    await scenario.expectNothingLeft();
  },
);

testOnHost("canaries: what only looks like ours is never touched", async () => {
  await using scenario = new Scenario(STACK);
  // By its looks an anonymous one of ours; but external volumes may have any name, and are there first.
  const external = randomBytes(32).toString("hex");
  await execa("docker", ["volume", "create", external]);
  await using owner = await OwnerProcess.start();
  await using keeper = await OwnerProcess.start();
  const [dead, living] = await Promise.all([owner.acquire(scenario), keeper.acquire(scenario)]);
  const labelsOf = async (name: string): Promise<Record<string, string>> => {
    const filter = `label=${LABEL.environment}=${name}`;
    const { stdout: id } = await execa("docker", ["ps", "-q", "--filter", filter]);
    const format = "{{json .Config.Labels}}";
    return JSON.parse((await execa("docker", ["inspect", "--format", format, id])).stdout);
  };
  const deadLabels = await labelsOf(dead.name);
  const livingLabels = await labelsOf(living.name);
  await owner.kill();

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
  // As a Compose that goes on makes one whose volumes are gone: the engine makes them, without a label.
  const late = await run(
    ...[...flags(deadLabels), "-v", `${dead.name}_late:/late`, "-v", `${external}:/external`],
  );
  await execa("docker", [
    // From where no environment has its subnets.
    ...["network", "create", "--subnet", "192.0.2.224/27"],
    ...[...flags(without(LABEL.kind)), network],
  ]);
  await execa("docker", ["volume", "create", ...flags(without(LABEL.kind)), volume]);
  try {
    const manager = scenario.manager();
    const { decisions } = await manager.cleanupOrphanedContainers();
    expect(decisions.filter(({ environment }) => environment === dead.name)).toContainEqual(
      expect.objectContaining({ action: "removed", containers: 2, networks: 1, volumes: 1 }),
    );
    const own = (await scenario.remains()).volumes.filter((name) => name.startsWith(dead.name));
    expect(own).toEqual([volume]);
    await execa("docker", ["volume", "inspect", external]);
    for (const id of containers) await execa("docker", ["inspect", id]);
    await execa("docker", ["network", "inspect", network]);
    await execa("docker", ["volume", "inspect", volume]);
    expect(await isThere(living.name)).toBe(true);
    await execa("docker", ["exec", living.services["db"]?.containers[0] ?? "", "true"]);
  } finally {
    await execa("docker", ["rm", "-f", ...containers, forged, late], { reject: false });
    await execa("docker", ["network", "rm", network]);
    await execa("docker", ["volume", "rm", volume, external]);
  }
  await scenario.manager().releaseEnvironment(living.name, { force: true });
  await scenario.expectNothingLeft();
});

testOnHost("releasing at once, again and again, is no error", async () => {
  await using scenario = new Scenario(STACK);
  const manager = scenario.manager();
  const { name } = await manager.acquireEnvironment();
  await Promise.all([1, 2, 3].map(() => manager.releaseEnvironment(name)));
  await scenario.expectNothingLeft();
  await refusal(manager.releaseEnvironment(name));
});

testOnHost(
  "an owner out of sight is taken at its word: until it was to be heard of again",
  async (place) => {
    await using scenario = new Scenario(STACK);
    await using owner = await OwnerProcess.start();
    const { id, name, services } = await owner.acquire(scenario);
    await owner.kill();
    const home = place.host;
    place.host = "yet another";
    const manager = scenario.manager();
    const decide = async () =>
      (await manager.cleanupOrphanedContainers()).decisions.find(
        ({ environment }) => environment === name,
      );
    expect(await decide()).toMatchObject({
      action: "kept",
      reason: expect.stringContaining("cannot be checked from here"),
    });

    const client = new EngineClient(ENDPOINT);
    const [container] = await client.listContainers([`${LABEL.id}=${id}`]);
    expect(container?.id).toBe(services["db"]?.containers[0]);
    const labels = readLabels(container?.labels);
    if (labels === undefined) throw new Error("It has lost its labels.");
    await renewLease(client, labels, Date.now() + 60_000, "heartbeatUntil");
    expect(await decide()).toMatchObject({
      action: "kept",
      reason: expect.stringMatching(/has until .* to be heard of/),
    });
    // Nor may a machine that was copied from the owner's, and has booted for itself.
    place.owner = { ...(await readOwnIdentity()), host: home, boot: "its own" };
    expect(await decide()).toMatchObject({ action: "kept" });
    delete place.owner;
    // A beat that lies behind, instead of waiting for it to.
    await renewLease(client, labels, Date.now() - 60_000, "heartbeatUntil");
    // By this sweep, or by somebody else's: all of them see the same now.
    await eventually(
      async () => {
        await decide();
        return scenario.remains();
      },
      ({ containers, networks, volumes }) => [containers, networks, volumes].flat().length === 0,
    );
  },
);

/** The engine, seen from somewhere where a volume takes its time. */
class SlowVolumes extends EngineClient {
  readonly asked = Promise.withResolvers<void>();
  isMade = false;

  override async createVolume(...args: Parameters<EngineClient["createVolume"]>): Promise<void> {
    this.asked.resolve();
    await delay(100);
    await super.createVolume(...args);
    this.isMade = true;
  }
}

testOnHost("a heartbeat that was stopped writes nothing more", async () => {
  await using scenario = new Scenario(STACK);
  const environment = `${scenario.name}-1`;
  const labels = {
    ...{ environment, id: "1", kind: "dedicated", stack: "0" },
    ...{ owner: writeOwner({ kind: "lease", until: new Date().toISOString() }) },
    created: new Date().toISOString(),
  };
  const underWay = new SlowVolumes(ENDPOINT);
  const stop = startHeartbeat(underWay, labels, 0);
  await underWay.asked.promise;
  await stop();
  expect(underWay.isMade).toBe(true);
  const early = new SlowVolumes(ENDPOINT);
  await startHeartbeat(early, labels, 0)();
  expect(early.isMade).toBe(false);
  await early.removeVolume((await scenario.remains()).volumes[0] ?? "");
  await scenario.expectNothingLeft();
});

testOnHost("an acquire that fails at once leaves no heartbeat", async (place) => {
  await using scenario = new Scenario(STACK);
  place.owner = { ...(await readOwnIdentity()), host: place.host, pidNamespace: "pid:[1]" };
  for (let round = 0; round < ROUNDS; round += 1) {
    const abort = new AbortController();
    const manager = scenario.manager({ signal: abort.signal });
    manager.subscribe(({ type }) => {
      // The first beat is on its way.
      if (type === "services:planned") abort.abort(new Error("No longer wanted."));
    });
    await expect(manager.acquireEnvironment()).rejects.toThrow("No longer wanted.");
  }
  await scenario.expectNothingLeft();
});

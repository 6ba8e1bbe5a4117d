/** Limits that do not fit beside each other make environments wait for each other, in order. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { Owner } from "./owner.ts";
import { eventually, IMAGE, inspect, refusal, Scenario } from "./scenario.ts";
import { killWatchdogOf } from "./watchdogs.ts";

const REDIS_IMAGE = process.env["REDIS_IMAGE"] ?? "real-services/redis:7";
/** A limit is no reservation: nothing here uses what it may. */
let mostOfIt = "";

beforeAll(async () => {
  const { stdout } = await execa("docker", ["info", "--format", "{{.MemTotal}}"]);
  mostOfIt = String(Math.floor(Number(stdout) * 0.6));
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const stack = () => ({
  "compose.yaml": `services: { db: { image: ${IMAGE}, command: [sleep, "600"], mem_limit: "${mostOfIt}" } }`,
});

test("who does not fit waits for room, first come, first served, and says for whom", async () => {
  await using scenario = new Scenario(stack());
  const manager = scenario.manager();
  const first = await manager.acquireEnvironment();
  const order: string[] = [];
  const acquire = async (who: string) => {
    const environment = await scenario.manager().acquireEnvironment();
    order.push(who);
    return environment;
  };
  const waiting = (count: number) =>
    eventually(
      () => scenario.story("memory:waiting"),
      ({ length }) => length === count,
    );
  const second = acquire("second");
  await waiting(1);
  const third = acquire("third");
  await waiting(2);
  const [event] = scenario.events.filter(({ type }) => type === "memory:waiting");
  // Somebody else may hold some as well.
  expect(event).toMatchObject({
    bytes: Number(mostOfIt),
    holders: expect.arrayContaining([expect.objectContaining({ environment: first.name })]),
  });
  await manager.releaseEnvironment(first.name);
  await manager.releaseEnvironment((await second).name, { force: true });
  await manager.releaseEnvironment((await third).name, { force: true });
  expect(order).toEqual(["second", "third"]);
  await scenario.expectNothingLeft();
});

test("refused or not looked at, when that is asked for; nothing is created that is refused", async () => {
  await using scenario = new Scenario(stack());
  const manager = scenario.manager();
  const first = await manager.acquireEnvironment();
  const before = await scenario.remains();
  const refused = await refusal(scenario.manager({ memoryQueue: "refuse" }).acquireEnvironment());
  expect(refused.code).toBe("REAL_SERVICES_NO_MEMORY");
  expect(refused.message).toContain(first.name);
  expect(refused.received).toBe(Number(mostOfIt));
  const late = scenario.manager({ memoryTimeoutMs: 1 }).acquireEnvironment();
  expect((await refusal(late)).code).toBe("REAL_SERVICES_NO_MEMORY");
  expect(await scenario.remains()).toEqual(before);
  const other = scenario.manager({ memoryQueue: "off" });
  const second = await other.acquireEnvironment();
  await other.releaseEnvironment(second.name);
  await manager.releaseEnvironment(first.name);
  await scenario.expectNothingLeft();
});

test("what the dead hold is taken from them before anybody waits for it, or is refused", async () => {
  await using scenario = new Scenario(stack());
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

test("who dies in line is not waited for, nor is its place kept", async () => {
  await using scenario = new Scenario(stack());
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

test("an acquire that ends while it waits gives its place up", async () => {
  await using scenario = new Scenario(stack());
  const manager = scenario.manager();
  const first = await manager.acquireEnvironment();
  const abort = new AbortController();
  const given = scenario.manager({ signal: abort.signal }).acquireEnvironment();
  await eventually(
    () => scenario.story("memory:waiting"),
    ({ length }) => length === 1,
  );
  abort.abort(new Error("No longer wanted."));
  await expect(given).rejects.toThrow("No longer wanted.");
  const third = scenario.manager().acquireEnvironment();
  await eventually(
    () => scenario.story("memory:waiting"),
    ({ length }) => length === 2,
  );
  await manager.releaseEnvironment(first.name);
  await manager.releaseEnvironment((await third).name, { force: true });
  await scenario.expectNothingLeft();
});

test("a limit that was given, or that its kind has, shows at the container", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: {
      db: { image: ${IMAGE}, command: [sleep, "600"] }, cache: { image: ${REDIS_IMAGE} } }`,
  });
  const manager = scenario.manager({ memory: { db: "48m" } });
  const { name, services } = await manager.acquireEnvironment();
  const limitOf = (service: string) =>
    inspect(services[service]?.containers[0] ?? "", ".HostConfig.Memory");
  expect(await limitOf("db")).toBe(String(48 * 1024 ** 2));
  expect(await limitOf("cache")).toBe(String(256 * 1024 ** 2));
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

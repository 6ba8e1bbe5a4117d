/** Limits that do not fit beside each other make environments wait for each other, in order. */
import { execa } from "execa";
import { beforeAll, expect, test } from "vitest";
import { Owner } from "./owner.ts";
import { eventually, IMAGE, refusal, Scenario } from "./scenario.ts";
import { killWatchdogOf } from "./watchdogs.ts";

/** A limit is no reservation: nothing here uses what it may. */
let mostOfIt = "";

beforeAll(async () => {
  const { stdout } = await execa("docker", ["info", "--format", "{{.MemTotal}}"]);
  mostOfIt = String(Math.floor(Number(stdout) * 0.6));
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

test("a limit that was given shows at the container", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { db: { image: ${IMAGE}, command: [sleep, "600"] } }`,
  });
  const manager = scenario.manager({ memory: { db: "48m" } });
  const { name, services } = await manager.acquireEnvironment();
  const [id = ""] = services["db"]?.containers ?? [];
  const { stdout } = await execa("docker", ["inspect", "-f", "{{.HostConfig.Memory}}", id]);
  expect(stdout).toBe(String(48 * 1024 ** 2));
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

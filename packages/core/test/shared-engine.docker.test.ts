/** Several users of one engine at the same moment: nobody builds twice, nobody removes what is not his. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test as plainTest } from "vitest";
import { RealServicesError } from "../src/errors.ts";
import type { LifecycleEvent } from "../src/events.ts";
import { EnvironmentManager } from "../src/manager.ts";
import { expectNothingLeft } from "./engine-state.ts";

const IMAGE = process.env["PEER_IMAGE"] ?? "real-services/peer:1";

/** At the same time as the others, with a folder of its own. */
function test(name: string, story: (cwd: string) => Promise<void>): void {
  plainTest.concurrent(name, async () => {
    const cwd = mkdtempSync(join(tmpdir(), "shared-engine-"));
    try {
      await story(cwd);
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  });
}

test("four processes need the same unbuilt image: one builds, the others wait and use it", async (cwd) => {
  const tag = `real-services-fixture/built-once:${process.pid}`;
  writeFileSync(join(cwd, "Dockerfile"), `FROM ${IMAGE}\nRUN sleep 1; date +%s%N > /built\n`);
  writeFileSync(
    join(cwd, "compose.yaml"),
    `services: { web: { image: "${tag}", build: ., ports: ["8000"] } }`,
  );
  const script = join(import.meta.dirname, "life-worker.ts");
  try {
    const outputs = await Promise.all(
      Array.from({ length: 4 }, () => execa(process.execPath, [script, cwd])),
    );
    const events = outputs.map(({ stdout }): LifecycleEvent[] =>
      stdout.split("\n").map((line) => JSON.parse(line)),
    );
    const having = (type: LifecycleEvent["type"]) =>
      events.filter((list) => list.some((event) => event.type === type)).length;
    expect(having("environment:ready")).toBe(4);
    expect(having("image:building")).toBe(1);
    expect(having("image:waiting")).toBeGreaterThan(0);
  } finally {
    await execa("docker", ["rmi", "-f", tag], { reject: false });
  }
});

test("a prune by somebody else between creation and start: what is missing is created again", async (cwd) => {
  writeFileSync(
    join(cwd, "compose.yaml"),
    `services:
  store: { image: "${IMAGE}", ports: ["8000"] }
  relay: { image: "${IMAGE}", ports: ["8000"], depends_on: { store: { condition: service_started } } }`,
  );
  const manager = new EnvironmentManager({ cwd });
  const conflicts: LifecycleEvent[] = [];
  manager.subscribe((event) => {
    if (event.type === "conflict") conflicts.push(event);
    if (event.type !== "environment:state" || event.to !== "starting") return;
    // As a prune would, but only what belongs to this test; in step, before the first start.
    execFileSync("docker", ["network", "rm", `${event.environment}_default`]);
  });
  const environment = await manager.acquireEnvironment();
  try {
    await manager.waitForServices();
    expect(conflicts.length).toBeGreaterThan(0);
    const relay = environment.services["relay"]?.url;
    // They meet on the network that was made anew: the store has no id yet, and says so.
    expect(await (await fetch(`${relay}/ask/store/8000`)).text()).toContain("404 Not Found");
    expect((await fetch(`${environment.services["store"]?.url}/`)).status).toBe(200);
  } finally {
    await manager.releaseEnvironment(environment.name);
  }
  await expectNothingLeft([environment.id]);
});

test("four in three processes release the same environment at once: all succeed or find it gone", async (cwd) => {
  writeFileSync(join(cwd, "compose.yaml"), `services: { web: { image: "${IMAGE}", scale: 2 } }`);
  const owner = new EnvironmentManager({ cwd });
  const { name, id } = await owner.acquireEnvironment();
  await owner.waitForServices();
  const script = join(import.meta.dirname, "release-worker.ts");
  const others = [1, 2].map(() => execa(process.execPath, [script, name], { stdin: "pipe" }));
  // One that dies before it is ready fails the test at once.
  await Promise.all(others.map((other) => Promise.race([once(other.stdout, "data"), other])));
  for (const { stdin } of others) stdin.write("\n");
  const [own, again, ...ends] = await Promise.all([
    owner.releaseEnvironment(name).then(() => "released"),
    new EnvironmentManager({ cwd }).releaseEnvironment(name, { force: true }).then(
      () => "released",
      (error: unknown) => (error instanceof RealServicesError ? error.code : String(error)),
    ),
    ...others,
  ]);
  expect(own).toBe("released");
  for (const end of [again, ...ends.map(({ stdout }) => stdout.split("\n").at(-1))]) {
    expect(["released", "REAL_SERVICES_UNKNOWN_ENVIRONMENT"]).toContain(end);
  }
  await expectNothingLeft([id]);
});

test("a foreign container on our network: ours goes, the network is reported, the foreign one stays", async (cwd) => {
  writeFileSync(join(cwd, "compose.yaml"), `services: { web: { image: "${IMAGE}" } }`);
  const manager = new EnvironmentManager({ cwd });
  const { name, id } = await manager.acquireEnvironment();
  await manager.waitForServices();
  const { stdout: guest } = await execa("docker", [
    "run",
    "-d",
    "--network",
    `${name}_default`,
    IMAGE,
  ]);
  try {
    await expect(manager.releaseEnvironment(name)).rejects.toMatchObject({
      code: "REAL_SERVICES_RELEASE_INCOMPLETE",
      message: expect.stringContaining("active endpoints"),
    });
    const { stdout } = await execa("docker", ["inspect", "-f", "{{.State.Running}}", guest]);
    expect(stdout).toBe("true");
  } finally {
    await execa("docker", ["rm", "-f", guest]);
  }
  await manager.releaseEnvironment(name, { force: true });
  await expectNothingLeft([id]);
});

test("two checkouts of one folder name: each has its own, and releasing one leaves the other", async (cwd) => {
  const managers = ["a", "b"].map((parent) => {
    const folder = join(cwd, parent, "same-name");
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "compose.yaml"),
      `services: { web: { image: "${IMAGE}", ports: ["18500:8000"] } }`,
    );
    return new EnvironmentManager({ cwd: folder });
  });
  const environments = await Promise.all(managers.map((manager) => manager.acquireEnvironment()));
  const [first, second] = environments;
  const [one, two] = managers;
  if (!first || !second || !one || !two) throw new Error("Two were asked for.");
  try {
    await Promise.all(managers.map((manager) => manager.waitForServices()));
    expect(first.name).not.toBe(second.name);
    await one.releaseEnvironment(first.name);
    expect((await fetch(`${second.services["web"]?.url}/`)).status).toBe(200);
  } finally {
    await two.releaseEnvironment(second.name);
  }
  await expectNothingLeft([first.id, second.id]);
});

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
import { Registry } from "./registry.ts";

const IMAGE = process.env["PEER_IMAGE"] ?? "real-services/peer:1";
const BUILDERS = process.env["REAL_SERVICES_SOAK"] === "1" ? 4 : 2;

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

test(`${BUILDERS} processes need the same unbuilt image: one builds, the others wait and use it`, async (cwd) => {
  const tag = `real-services-fixture/built-once:${process.pid}`;
  const othersWait = Promise.withResolvers<void>();
  // The build goes on when all others wait for it.
  await using registry = await Registry.start({ onHalf: () => othersWait.promise });
  const gate = await registry.addImage("gate:1", [], []);
  writeFileSync(
    join(cwd, "Dockerfile"),
    `FROM ${gate} AS gate\nFROM ${IMAGE}\nCOPY --from=gate /own /own\n`,
  );
  writeFileSync(
    join(cwd, "compose.yaml"),
    `services: { web: { image: "${tag}", build: ., ports: ["8000"] } }`,
  );
  const script = join(import.meta.dirname, "life-worker.ts");
  const events: LifecycleEvent[] = [];
  const having = (type: LifecycleEvent["type"]) => events.filter((event) => event.type === type);
  try {
    const workers = Array.from({ length: BUILDERS }, () => execa(process.execPath, [script, cwd]));
    await Promise.all(
      workers.map(async (worker) => {
        for await (const line of worker) {
          events.push(JSON.parse(line));
          if (having("image:waiting").length === BUILDERS - 1) othersWait.resolve();
        }
      }),
    );
    expect(having("environment:ready")).toHaveLength(BUILDERS);
    expect(having("image:building")).toHaveLength(1);
  } finally {
    othersWait.resolve();
    await execa("docker", ["rmi", "-f", tag], { reject: false });
  }
});

test("a prune by somebody else between creation and start: what is missing is created again; a foreign container on our network stays, and the network is reported", async (cwd) => {
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
  const { name, id, services } = await manager.acquireEnvironment();
  let guest = "";
  try {
    await manager.waitForServices();
    expect(conflicts.length).toBeGreaterThan(0);
    // They meet on the network that was made anew: the store has no id yet, and says so.
    const asked = await fetch(`${services["relay"]?.url}/ask/store/8000`);
    expect(await asked.text()).toContain("404 Not Found");
    expect((await fetch(`${services["store"]?.url}/`)).status).toBe(200);

    const run = ["run", "-d", "--network", `${name}_default`, IMAGE];
    guest = (await execa("docker", run)).stdout;
    await expect(manager.releaseEnvironment(name)).rejects.toMatchObject({
      code: "REAL_SERVICES_RELEASE_INCOMPLETE",
      message: expect.stringContaining("active endpoints"),
    });
    const { stdout } = await execa("docker", ["inspect", "-f", "{{.State.Running}}", guest]);
    expect(stdout).toBe("true");
  } finally {
    await execa("docker", ["rm", "-f", guest], { reject: false });
    await manager.releaseEnvironment(name, { force: true });
  }
  await expectNothingLeft([id]);
});

test("two checkouts of one folder name have their own: releasing one leaves the other, and several in three processes may release that at once", async (cwd) => {
  const managers = ["a", "b"].map((parent) => {
    const folder = join(cwd, parent, "same-name");
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "compose.yaml"),
      // Those who release it at once meet half-way.
      `services: { web: { image: "${IMAGE}", ports: ["18500:8000"] }, pair: { image: "${IMAGE}", scale: 2 } }`,
    );
    return new EnvironmentManager({ cwd: folder });
  });
  const environments = await Promise.all(managers.map((manager) => manager.acquireEnvironment()));
  const [first, second] = environments;
  const [one, two] = managers;
  if (!first || !second || !one || !two) throw new Error("Two were asked for.");
  await Promise.all(managers.map((manager) => manager.waitForServices()));
  expect(first.name).not.toBe(second.name);
  await one.releaseEnvironment(first.name);
  expect((await fetch(`${second.services["web"]?.url}/`)).status).toBe(200);

  const script = join(import.meta.dirname, "release-worker.ts");
  const others = [1, 2].map(() =>
    execa(process.execPath, [script, second.name], { stdin: "pipe" }),
  );
  // One that dies before it is ready fails the test at once.
  await Promise.all(others.map((other) => Promise.race([once(other.stdout, "data"), other])));
  for (const { stdin } of others) stdin.write("\n");
  const [own, again, ...ends] = await Promise.all([
    two.releaseEnvironment(second.name).then(() => "released"),
    one.releaseEnvironment(second.name, { force: true }).then(
      () => "released",
      (error: unknown) => (error instanceof RealServicesError ? error.code : String(error)),
    ),
    ...others,
  ]);
  expect(own).toBe("released");
  // All succeed or find it gone.
  for (const end of [again, ...ends.map(({ stdout }) => stdout.split("\n").at(-1))]) {
    expect(["released", "REAL_SERVICES_UNKNOWN_ENVIRONMENT"]).toContain(end);
  }
  await expectNothingLeft([first.id, second.id]);
});

/** However a process ends, what it acquired is gone soon after, unless a lease has it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { expect, test } from "vitest";
import { Owner } from "./owner.ts";
import { eventually, IMAGE, Scenario } from "./scenario.ts";
import { killWatchdogOf, watchdogsOf } from "./watchdogs.ts";

/** Variants that cost more time than they tell news. */
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";

const SLEEPER = `{ image: ${IMAGE}, command: [sleep, "600"], volumes: ["data:/data", "/anonymous"] }`;
const STACK = { "compose.yaml": `services: { db: ${SLEEPER} }\nvolumes: { data: {} }` };
const MANY = {
  "compose.yaml": `
services: { ${Array.from({ length: 3 }, (_, index) => `s${index}: ${SLEEPER}`).join(", ")} }
volumes: { data: {} }`,
};

/** What would have it ended together with its owner, and what is not its business. */
const MARKS = {
  RUNNER_TRACKING_ID: "github_1",
  JENKINS_NODE_COOKIE: "jenkins",
  NODE_OPTIONS: "--no-warnings",
  DB_PASSWORD: "not its business",
};

async function expectGone(scenario: Scenario): Promise<void> {
  await eventually(
    () => scenario.remains(),
    ({ containers, networks, volumes }) =>
      containers.length + networks.length + volumes.length === 0,
  );
}

test.concurrent.each([
  "while starting",
  "uncaught exception",
  ...(IS_SOAK ? ["process.exit"] : []),
])("it ends by itself: %s", async (way) => {
  await using scenario = new Scenario(STACK);
  await using owner = new Owner(scenario, way);
  await owner.end();
  await expectGone(scenario);
});

test.concurrent.each(IS_SOAK ? [1, 3] : [1])(
  "SIGKILL as soon as container %i of three is created",
  async (count) => {
    await using scenario = new Scenario(MANY);
    const seen = new Set<string>();
    const format = '{{index .Actor.Attributes "real-services.environment"}} {{.ID}}';
    const events = execa(
      "docker",
      ["events", "--filter", "event=create", "--filter", "type=container", "--format", format],
      { reject: false },
    );
    const reached = Promise.withResolvers<void>();
    createInterface({ input: events.stdout }).on("line", (line) => {
      if (line.startsWith(`${scenario.name}-`) && seen.add(line).size === count) reached.resolve();
    });
    await using owner = new Owner(scenario);
    await reached.promise;
    owner.kill("SIGKILL");
    await owner.end();
    await owner.watchdogEnds();
    events.kill();
    await scenario.expectNothingLeft();
  },
);

test.concurrent.each([
  ["release under a second name", 2],
  ...(IS_SOAK ? [["release", 1] as const] : []),
] as const)(
  "after a clean %s there is nothing to do, and nothing is written",
  async (way, names) => {
    await using scenario = new Scenario(STACK);
    await using owner = new Owner(scenario, way);
    await owner.says("released");
    await owner.end();
    expect(owner.lines.filter((line) => line.startsWith("planned"))).toHaveLength(names);
    await scenario.expectNothingLeft();
    await owner.watchdogEnds();
    expect(readdirSync(join(scenario.folder, "state/environments"))).toEqual([]);
  },
);

test.concurrent.each(["another process", ...(IS_SOAK ? ["its owner"] : [])])(
  "what a lease of %s has is left to it",
  async (who) => {
    await using scenario = new Scenario(STACK);
    await using owner = new Owner(scenario, who === "its owner" ? "lease" : "hold");
    const name = await owner.says("ready");
    if (who === "its owner") await owner.says("leased");
    else await scenario.manager().leaseEnvironment(name);
    owner.kill("SIGKILL");
    await owner.end();
    await owner.watchdogEnds();
    expect((await scenario.remains()).containers).toHaveLength(1);
    await scenario.manager().releaseEnvironment(name);
    await scenario.expectNothingLeft();
  },
);

test.concurrent("it is small", async () => {
  const entry = resolve(import.meta.dirname, "../dist/ownership/watchdog-process.js");
  const idle = spawn(process.execPath, [entry, String(process.pid)]);
  try {
    const [{ rssMb } = { rssMb: 0 }] = await eventually(
      () => watchdogsOf(process.pid),
      ([one]) => one !== undefined && one.rssMb > 30,
    );
    // 45 MB, nearly all of it Node's own code.
    expect(rssMb).toBeLessThan(64);
  } finally {
    const closed = once(idle, "close");
    idle.stdin.end();
    await closed;
  }
});

test.concurrent("it is nobody's child, and has nobody's marks; one that was killed has a successor, which knows of everything before it", async () => {
  await using scenario = new Scenario(STACK);
  await using owner = new Owner(scenario, "second watchdog", MARKS);
  await owner.says("ready");
  const [first, ...others] = await watchdogsOf(owner.pid);
  expect(others).toEqual([]);
  if (first === undefined) throw new Error("There is none.");
  expect([owner.pid, process.pid]).not.toContain(first.parent);
  expect(first.group).not.toBe(owner.pid);
  if (existsSync("/proc/self/environ")) {
    const env = readFileSync(`/proc/${first.pid}/environ`, "utf8").split("\0");
    const names = env.map((entry) => entry.split("=")[0]);
    expect(names).toContain("PATH");
    for (const name of Object.keys(MARKS)) expect(names).not.toContain(name);
  }
  await killWatchdogOf(owner.pid);
  await owner.watchdogEnds();
  owner.tell();
  await owner.says("ready again");
  const [second] = await watchdogsOf(owner.pid);
  expect(second?.pid).not.toBe(first.pid);
  expect((await scenario.remains()).containers).toHaveLength(2);
  owner.kill("SIGKILL");
  await expectGone(scenario);
});

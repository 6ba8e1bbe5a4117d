/** Ctrl-C in the middle of each command: it ends as signals do, and leaves what other commands can handle. */
import { writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nextStart } from "../../vitest/test/engine.ts";
import { followLines } from "../../vitest/test/lines.ts";
import type { CommandHost } from "./command-host.ts";
import { eventually, IMAGE, Workshop } from "./workshop.ts";

const NEVER_READY = `
services:
  web:
    image: "${IMAGE}"
    volumes: [data:/data]
    healthcheck: { test: ["CMD", "false"], interval: 1s, retries: 1000 }
volumes: { data: {} }
`;
const STACK = {
  "never-ready.yaml": NEVER_READY,
  "compose.yaml": `
services:
  web: { image: "${IMAGE}", ports: [8000] }
  stubborn:
    image: "${IMAGE}"
    stop_grace_period: 10m
    command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"]
`,
  // Compose reads it only as fast as it is written.
  "slow/compose.yaml": `services: { web: { image: "${IMAGE}", env_file: pipe.env } }`,
  "slow/package.json": "{}",
};

let workshop: Workshop;
let host: CommandHost;
let name: string;
beforeAll(async () => {
  workshop = await Workshop.open(STACK);
  host = workshop.host();
  name = await workshop.start();
});
afterAll(async () => {
  host[Symbol.dispose]();
  await workshop[Symbol.asyncDispose]();
});

/** @param middle when it is to come */
async function interrupt(args: readonly string[], middle: () => Promise<unknown>) {
  const command = workshop.spawn(args);
  // What ends before is told by its exit code.
  await Promise.race([middle(), command]);
  command.kill("SIGINT");
  return command;
}

const again = (...args: string[]) => [...args, "--services", "web"];
const LIST = /GET .*\/containers\/json/;
/** As good as one of them: the same ends all. */
const LOOKING: [string[], RegExp, string][] = [
  [["list"], LIST, ""],
  [["health"], LIST, ""],
  [["ports"], LIST, ""],
  [["env"], LIST, ""],
  [["inspect", "web"], /GET .*\/containers\/\w+\/json/, ""],
  [["logs"], /GET .*\/logs/, ""],
  [["top", "web"], /GET .*\/top/, ""],
  [["stats"], /GET .*\/stats/, ""],
  [["stats", "--watch"], /GET .*\/stats/, ""],
  [["df"], /GET .*\/system\/df/, ""],
  [["doctor"], /GET .*\/info/, ""],
];
/** The same of those that change something: the service may be down after it. */
const CHANGING: [string[], RegExp, string][] = [
  [again("restart", "--recover"), /POST .*\/restart/, "Interrupted by SIGINT."],
  [again("recreate"), /POST .*\/start/, "Interrupted by SIGINT."],
];
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";

describe("while the engine has not answered", () => {
  test.each<[string[], RegExp, string]>([
    ...(IS_SOAK ? LOOKING : []),
    [["status"], LIST, ""],
    [["logs", "--follow"], /GET .*\/logs.*follow=true/, ""],
    [["check-network", "web", "stubborn"], /POST .*\/exec\/\w+\/start/, ""],
    [["clean"], LIST, ""],
    [again("restart"), /POST .*\/restart/, "Interrupted by SIGINT."],
    ...(IS_SOAK ? CHANGING : []),
    [["stop"], /POST .*\/stop/, ""],
  ])("%j", async (args, request, says) => {
    const hold = workshop.hold(request);
    try {
      const { exitCode, stderr } = await interrupt(args, () => hold.reached);
      expect([exitCode, stderr]).toEqual([130, says]);
    } finally {
      hold.release();
    }
    expect(await workshop.environments()).toEqual([name]);
  });

  test("recreate: the old container is gone, and the new one still comes", async () => {
    const hold = workshop.hold(/POST .*\/containers\/create/);
    const command = workshop.spawn(again("recreate"));
    await hold.reached;
    command.kill("SIGINT");
    hold.release();
    expect((await command).exitCode).toBe(130);
    expect((await workshop.runIn(host, again("restart"))).exitCode).toBe(0);
    const { stdout } = await workshop.runIn(host, ["status", "--json"]);
    const services = [{ name: "stubborn" }, { name: "web" }];
    expect(JSON.parse(stdout)).toMatchObject({ environments: [{ services }] });
  });
});

// The last is the one after which the files are looked at.
test.each([...(IS_SOAK ? [["graph"], ["doctor"]] : []), ["init"]])(
  "%s, while Compose reads the stack: it ends as well",
  async (command = "") => {
    const cwd = join(workshop.folder, "slow");
    const path = join(cwd, "pipe.env");
    await execa("rm", ["-f", path]);
    await execa("mkfifo", [path]);
    const running = workshop.spawn([command], { cwd });
    await using pipe = await open(path, "w");
    running.kill("SIGINT");
    const { exitCode, stdout, stderr } = await running;
    expect([exitCode, stdout, stderr]).toEqual([130, "", ""]);
    const write = () =>
      pipe.write("\n").then(
        () => "written",
        ({ code }) => code,
      );
    await eventually(write, (outcome) => outcome === "EPIPE");
  },
);

test("init: what was written is whole, and the next one says so", async () => {
  const cwd = join(workshop.folder, "slow");
  await execa("rm", [join(cwd, "pipe.env")]);
  writeFileSync(join(cwd, "pipe.env"), "");
  const { exitCode, stdout } = await workshop.runIn(host, ["init", "--json"], { cwd });
  expect(exitCode).toBe(0);
  const { files }: { files: { action: string }[] } = JSON.parse(stdout);
  expect(new Set(files.map(({ action }) => action))).toEqual(new Set(["unchanged"]));
});

test("status --watch, after it has shown something", async () => {
  const command = workshop.spawn(["status", "--watch"]);
  await followLines(command.stdout)(/stubborn/);
  command.kill("SIGINT");
  const { exitCode, stderr } = await command;
  expect([exitCode, stderr]).toEqual([130, ""]);
});

test("clean: what it has not removed, the next one does", async () => {
  const hold = workshop.hold(/DELETE .*\/containers/);
  const args = ["clean", "--all", "--force"];
  const { exitCode, stderr } = await interrupt(args, () => hold.reached);
  expect([exitCode, stderr]).toEqual([130, ""]);
  hold.release();
  expect((await workshop.runIn(host, ["status"])).exitCode).toBe(0);
  expect((await workshop.runIn(host, args)).exitCode).toBe(0);
  expect(await workshop.environments()).toEqual([]);
});

test("start: what it has begun is removed first", async () => {
  const started = nextStart(`${workshop.name}-`);
  const { exitCode, stdout, stderr } = await interrupt(
    ["start", "-f", "never-ready.yaml"],
    () => started,
  );
  expect([exitCode, stdout]).toEqual([130, ""]);
  expect(stderr).toContain("Interrupted by SIGINT.");
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(await workshop.environments()).toEqual([]);
});

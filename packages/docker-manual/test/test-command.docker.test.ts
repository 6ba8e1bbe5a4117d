/** `test` runs the project's own Vitest with real services on; arguments and exit codes pass through. */
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { followLines } from "../../vitest/test/lines.ts";
import { logsOf } from "../../vitest/test/log-output.ts";
import { Workshop } from "./workshop.ts";

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
const repository = join(import.meta.dirname, "../../..");
const project = (name: string) => join(repository, "fixtures/projects", name);

describe("a project with categories", () => {
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = await Workshop.open({});
    // A copy: it keeps the logs of its runs.
    const filter = (file: string): boolean => !/node_modules|\.real-services/.test(file);
    cpSync(project("categories"), workshop.folder, { recursive: true, filter });
    symlinkSync(join(repository, "node_modules"), join(workshop.folder, "node_modules"));
  });
  afterAll(async () => {
    await workshop[Symbol.asyncDispose]();
  });
  /** The run is old enough to be archived by the next one. */
  const endLongAgo = (name: string) => {
    const root = join(workshop.folder, ".real-services");
    const run = readdirSync(root).find((folder) => folder.startsWith(name)) ?? "";
    const path = join(root, run, "environment.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...manifest, endedMs: Date.now() - 3_600_000 }));
  };
  const nothingElse = () => readdirSync(workshop.folder).filter((file) => /shards/.test(file));

  test("shards at once, each in its environment, with one report; what they logged is kept", async () => {
    const configuration = `import base from "./vitest.config.ts";
export default { ...base, test: { ...base.test, reporters: [["junit", { suiteName: "shop" }]] } };
`;
    writeFileSync(join(workshop.folder, "named.config.ts"), configuration);
    const reported = ["--reporter", "junit", "--reporter=default", "--outputFile", "all.xml"];
    const args = ["test", "--parallel", "2", "--json", "--config", "named.config.ts", ...reported];
    const { exitCode, stdout, stderr } = await workshop.run(args, { env: { RESULT: "bad" } });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ exitCode: 1 });
    expect(stderr).toMatch(/Tests +1 failed \| 2 passed/);
    expect(stderr).toContain("1 of 2 shards failed");
    const xml = readFileSync(join(workshop.folder, "all.xml"), "utf8");
    expect(xml).toContain('<testsuites name="shop" tests="4" failures="1"');
    // Once: in the report of all.
    expect(stderr.match(/services wrote nothing in the/g)).toHaveLength(1);
    expect(logsOf(stderr, "orders are sent")).toMatch(
      /services wrote nothing in the .* of this test$/,
    );
    const urls = ["orders", "pages"].map((who) => new RegExp(`${who} on (\\S+)`).exec(stderr)?.[1]);
    expect(new Set(urls).size).toBe(2);
    const names = [1, 2].map((shard) => `${workshop.name}-shard-${shard}-of-2`);
    for (const name of names) expect(stderr).toMatch(new RegExp(`${name}-\\w+ +removed`));
    expect(await workshop.environments()).toEqual([]);
    expect(nothingElse()).toEqual([]);

    const logs = await workshop.run(["logs", "-e", names[0] ?? "", "web", "--grep", "listens"]);
    expect([logs.exitCode, logs.stdout]).toEqual([0, "web | peer listens on 8000"]);
    const env = { DOCKER_HOST: "unix:///nonexistent" };
    const alone = await workshop.run(["logs", "-e", names[1] ?? "", "web"], { env });
    expect([alone.exitCode, alone.stdout]).toEqual([0, "web | peer listens on 8000"]);
    endLongAgo(names[0] ?? "");
  });

  test("only a project and a tag; other arguments go to Vitest", async () => {
    const args = ["test", "--categories", "api,slow", "--reporter=tap-flat"];
    const { exitCode, stdout } = await workshop.run(args);
    expect(exitCode).toBe(0);
    const ran = stdout.split("\n").filter((line) => line.startsWith("ok") && !/SKIP/.test(line));
    expect(ran).toEqual([expect.stringContaining("api/orders.real.test.ts > orders are sent")]);
  });

  test("a later run archives the logs; they are read all the same, and cleaned away", async () => {
    const first = `${workshop.name}-shard-1-of-2`;
    const logs = await workshop.run(["logs", "-e", first, "web", "--json", "--tail", "1"]);
    expect(JSON.parse(logs.stdout)).toMatchObject({ service: "web", text: "peer listens on 8000" });
    const removed = await workshop.run(["clean", "--logs"]);
    const archive = new RegExp(
      `^removed .*\\.real-services/archive/${first}-\\w+\\.log\\.gz$`,
      "m",
    );
    expect(removed.stdout).toMatch(archive);
    const gone = await workshop.run(["logs", "-e", first, "web"]);
    expect(gone.stderr).toContain("REAL_SERVICES_UNKNOWN_ENVIRONMENT");
  });

  test.runIf(IS_SOAK)("Ctrl-C ends the shards, and makes no report of halves", async () => {
    const args = ["test", "--parallel", "2"];
    const command = workshop.spawn(args, { env: { ENDLESS: "1" }, detached: true });
    await followLines(command.stderr)(/the test runs/);
    // As a terminal does it.
    process.kill(-(command.pid ?? Number.NaN), "SIGINT");
    const { exitCode, stdout, stderr } = await command;
    expect([exitCode, stdout]).toEqual([130, ""]);
    expect(stderr).not.toMatch(/\s(at|❯) .*\d:\d/);
    expect(await workshop.environments()).toEqual([]);
    expect(nothingElse()).toEqual([]);
  });
});

test("what Vitest refuses and what it finds nothing for", async () => {
  await using workshop = await Workshop.open({});
  const cwd = project("keep");
  const nothing = await workshop.run(["test", "no-such-file"], { cwd });
  expect(nothing.exitCode).toBe(1);
  expect(nothing.stderr).toContain("No test files found");
  expect((await workshop.run(["test", "--no-such-flag"], { cwd })).exitCode).toBe(1);
  const category = await workshop.run(["test", "--categories", "nosuch"], { cwd });
  expect(category.exitCode).toBe(1);
  // Nothing was started for it.
  expect(category.stderr).toMatch(
    /^REAL_SERVICES_INVALID_OPTION\n.*neither a project nor a tag “nosuch”/,
  );
});

test("a folder without the plugin", async () => {
  await using workshop = await Workshop.open({ "package.json": "{}" });
  const { exitCode, stderr } = await workshop.run(["test"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("npm i -D @real-services/vitest");
});

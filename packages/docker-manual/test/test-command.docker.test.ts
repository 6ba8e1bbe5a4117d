/** `test` runs the project's own Vitest with real services on; arguments and exit codes pass through. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logsOf } from "../../vitest/test/log-output.ts";
import { leftBehind, openCategories } from "./categories.ts";
import type { CommandHost } from "./command-host.ts";
import { type RunIn, Workshop } from "./workshop.ts";

describe("a project with categories", () => {
  let workshop: Workshop;
  let host: CommandHost;
  beforeAll(async () => {
    workshop = await openCategories();
    host = workshop.host();
  });
  afterAll(async () => {
    host[Symbol.dispose]();
    await workshop[Symbol.asyncDispose]();
  });
  /** The run is old enough to be archived by what is begun next. */
  const endLongAgo = (name: string) => {
    const root = join(workshop.folder, ".real-services");
    const run = readdirSync(root).find((folder) => folder.startsWith(name)) ?? "";
    const path = join(root, run, "environment.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...manifest, endedMs: Date.now() - 3_600_000 }));
  };
  const run = (args: readonly string[], options?: RunIn) => workshop.runIn(host, args, options);

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
    expect(leftBehind(workshop)).toEqual([]);

    const logs = await run(["logs", "-e", names[0] ?? "", "web", "--grep", "listens"]);
    expect([logs.exitCode, logs.stdout]).toEqual([0, "web | peer listens on 8000"]);
    const env = { DOCKER_HOST: "unix:///nonexistent" };
    const alone = await run(["logs", "-e", names[1] ?? "", "web"], { env });
    expect([alone.exitCode, alone.stdout]).toEqual([0, "web | peer listens on 8000"]);
    endLongAgo(names[0] ?? "");
  });

  test("only a project and a tag, on what was started; other arguments go to Vitest", async () => {
    const name = await workshop.start();
    const args = ["test", "--categories", "api,slow", "--reporter=tap-flat"];
    const { exitCode, stdout, stderr } = await workshop.run(args);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`${name}  adopted`);
    expect(await workshop.environments()).toEqual([name]);
    await run(["stop", name]);
    const ran = stdout.split("\n").filter((line) => line.startsWith("ok") && !/SKIP/.test(line));
    expect(ran).toEqual([expect.stringContaining("api/orders.real.test.ts > orders are sent")]);
  });

  test("what is begun later archives the logs; they are read all the same, and cleaned away", async () => {
    const first = `${workshop.name}-shard-1-of-2`;
    const logs = await run(["logs", "-e", first, "web", "--json", "--tail", "1"]);
    expect(JSON.parse(logs.stdout)).toMatchObject({ service: "web", text: "peer listens on 8000" });
    const removed = await run(["clean", "--logs"]);
    const archive = new RegExp(
      `^removed .*\\.real-services/archive/${first}-\\w+\\.log\\.gz$`,
      "m",
    );
    expect(removed.stdout).toMatch(archive);
    const gone = await run(["logs", "-e", first, "web"]);
    expect(gone.stderr).toContain("REAL_SERVICES_UNKNOWN_ENVIRONMENT");
  });
});

test("what Vitest refuses and what it finds nothing for", async () => {
  await using workshop = await Workshop.open({});
  const cwd = join(import.meta.dirname, "../../../fixtures/projects/keep");
  const nothing = await workshop.run(["test", "no-such-file"], { cwd });
  expect(nothing.exitCode).toBe(1);
  expect(nothing.stderr).toContain("No test files found");
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

/** The reporter alone: hooks, tries, many failures, and reports of shards that are merged. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FailureReport } from "@real-services/reporter";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectFolder, runVitest } from "./consumer.ts";
import { type Installed, installFor, type VitestVersion } from "./installed.ts";
import { logsOf, normalizeLogs } from "./log-output.ts";

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
/** One run with each shows most; what takes several is for the soak to repeat. */
const VERSIONS: readonly VitestVersion[] = ["5", "4.1"];
const SOAK_VERSIONS = IS_SOAK ? VERSIONS : VERSIONS.slice(0, 1);
/** Characters, however many tests fail. */
const MAX_OUTPUT = 100_000;
const folder = mkdtempSync(join(tmpdir(), "log-reporter-"));
const logFolder = join(folder, ".real-services/shop-1");
const ours = ["--reporter=@real-services/reporter"];

beforeAll(() => writeLogFolder(logFolder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: readonly string[], env: Record<string, string> = {}, install?: Installed) =>
  runVitest("logs-alone", args, { stock: true, env: { LOG_FOLDER: logFolder, ...env }, install });

test.each(VERSIONS)(
  "with Vitest %s each failure has its own lines, all tries of a test have theirs, hooks and files have a block",
  async (version) => {
    using install = installFor(version, "logs-alone");
    const files = ["one-by-one", "at-once", "hooks", "load"];
    const hook = join(folder, "hook.json");
    // Both legs write here.
    for (const file of [hook, join(logFolder, "report.md")]) rmSync(file, { force: true });
    const args = [...files, "--no-file-parallelism"];
    // Tests that ran one after the other do not overlap, however long a process waits for a clock.
    const clock = `${projectFolder("logs-alone")}/slow-clock.mjs`;
    const env = { NODE_OPTIONS: `--import=${clock}`, ON_FAILURE: hook };
    const { exitCode, all, stderr } = await run(args, env, install);
    expect(exitCode, all).toBe(1);
    expect(all).toContain(` RUN  v${version}.`);
    expect(all).toContain("the clock was slow");
    expect(logsOf(all, "> fails\n")).toMatchInlineSnapshot(`
    "   ↳ postgres: relation "orders" does not exist
         postgres  <folder>/postgres.log:0
                +0ms  LOG:  connection for *****
           ✖    +0ms  <time> [0] ERROR:  relation "orders" does not exist
                +0ms  <time> [0] STATEMENT:  SELECT * FROM orders"
  `);
    expect(logsOf(all, "fails in silence")).toMatchInlineSnapshot(
      `"   ↳ services wrote nothing in the 0 s of this test"`,
    );
    const tries = /\n *2 tries, which began at \+0ms, \+0ms/;
    const retried = logsOf(all, "fails at first");
    // Vitest 4.1 does not tell when.
    expect(tries.test(retried)).toBe(version === "5");
    expect(retried.replace(tries, "")).toMatchInlineSnapshot(`
    "   ↳ what services wrote in the 0 s of this test
         web  <folder>/web.log:0
                +0ms  WARN try 0
                +0ms  WARN try 1"
  `);
    expect(logsOf(all, "at once > second")).toMatchInlineSnapshot(`
    "   ↳ web: ERROR of the first
         web: ERROR of both
         web: ERROR of the second
         lines may be of what ran at the same time: at-once.real.test.ts > at once > first
         web  <folder>/web.log:0
           ✖    +0ms  ERROR of the first
           ✖    +0ms  ERROR of both
           ✖    +0ms  ERROR of the second"
  `);
    const [, ...blocks] = stderr.split(/ LOGS |^shop-1 /m);
    const blockOf = (title: string) => blocks.find((one) => one.startsWith(` ${title}\n`)) ?? "";
    expect(normalizeLogs(blockOf("one-by-one.real.test.ts > a suite"))).toMatchInlineSnapshot(`
    " one-by-one.real.test.ts > a suite
      web: ERROR not seeded
      web  <folder>/web.log:0
        ✖    +0ms  ERROR not seeded"
  `);
    expect(blockOf("hooks.real.test.ts")).toContain("\n  web: ERROR in a hook of the file");
    expect(blockOf("load.real.test.ts")).toContain("web: ERROR while the file was loaded");
    expect(blocks.at(-1)).toContain("report.md");
    expect(all).not.toContain("s3cret-word");
    const report = readFileSync(join(logFolder, "report.md"), "utf8");
    expect(report).toContain('ERROR:  relation "orders" does not exist');
    expect(report).not.toContain("s3cret-word");
    const told: FailureReport = JSON.parse(readFileSync(hook, "utf8"));
    expect(told.failures.map(({ kind, name }) => `${kind} ${name}`).toSorted()).toEqual([
      "file hooks.real.test.ts",
      "file load.real.test.ts",
      "suite a suite",
      "test at once > first",
      "test at once > second",
      "test fails",
      "test fails at first",
      "test fails in silence",
    ]);
    expect(told).toMatchObject({
      failures: expect.arrayContaining([
        expect.objectContaining({
          name: "fails",
          file: expect.stringMatching(/one-by-one\.real\.test\.ts$/),
          slice: expect.objectContaining({ environment: "shop-1" }),
          logFolder,
        }),
      ]),
      omittedFailures: 0,
      environments: [
        { environment: "shop-1", logFolder, reportFile: join(logFolder, "report.md") },
      ],
    });
    expect(JSON.stringify(told)).not.toContain("s3cret-word");
  },
);

test.each(SOAK_VERSIONS)(
  "with Vitest %s shards bring their logs along in blobs, and JSON has them as data",
  async (version) => {
    using install = installFor(version, "logs-alone");
    const blobs = join(folder, `blobs-${version}`);
    const shards = ["1/2", "2/2"].map((shard, at) => {
      const file = `${blobs}/${at}.json`;
      const args = [`--shard=${shard}`, "--reporter=blob", `--outputFile=${file}`, ...ours];
      return run(["one-by-one", "at-once", ...args], {}, install);
    });
    for (const { exitCode, all } of await Promise.all(shards)) {
      expect(exitCode, all).toBe(1);
      // That of the suite has no other place.
      expect(all).not.toContain(" LOGS  one-by-one.real.test.ts > fails");
      expect(all).not.toContain(" LOGS  at-once");
    }
    const json = join(folder, `${version}.json`);
    const args = ["--reporter=default", "--reporter=json", `--outputFile.json=${json}`];
    const merged = await run([`--merge-reports=${blobs}`, ...args], {}, install);
    expect(merged.exitCode, merged.all).toBe(1);
    expect(merged.all).toContain(` RUN  v${version}.`);
    expect(logsOf(merged.all, "> fails\n")).toContain('ERROR:  relation "orders" does not exist');
    expect(logsOf(merged.all, "at once > second")).toContain("ERROR of the second");
    const report: unknown = JSON.parse(readFileSync(json, "utf8"));
    expect(report).toMatchObject({
      testResults: expect.arrayContaining([
        expect.objectContaining({
          assertionResults: expect.arrayContaining([
            expect.objectContaining({
              title: "fails",
              meta: {
                realServices: expect.objectContaining({
                  name: "fails",
                  slice: expect.objectContaining({ environment: "shop-1" }),
                }),
              },
            }),
          ]),
        }),
      ]),
    });
  },
);

test.each(SOAK_VERSIONS)(
  "with Vitest %s a run that no test explains has the last errors of its services",
  async (version) => {
    using install = installFor(version, "logs-alone");
    const unhandled = await run(["unhandled"], {}, install);
    expect(unhandled.exitCode, unhandled.all).toBe(1);
    expect(unhandled.all).toMatch(/Tests +1 passed/);
    const [, block = "", end = ""] = unhandled.stderr.split(/ LOGS |^(?=shop-1 )/m);
    expect(normalizeLogs(block)).toMatchInlineSnapshot(`
      " unhandled error
        postgres: terminating connection due to administrator command
        postgres  <folder>/postgres.log:0
          ✖    +0ms  FATAL:  terminating connection due to administrator command"
    `);
    expect(end).toContain("report.md");
    const report = readFileSync(join(logFolder, "report.md"), "utf8");
    expect(report).toContain("### unhandled error\n\n```\nConnection terminated unexpectedly\n");
    expect(report).toContain("FATAL:  terminating connection due to administrator command");

    const broken = { GLOBAL_SETUP: "global-setup.ts", ON_FAILURE: "throws" };
    const setup = await run(["unhandled"], broken, install);
    expect(setup.exitCode, setup.all).toBe(1);
    expect(setup.all).toContain("no seeds");
    const [, failed = "", last = ""] = setup.stderr.split(/ LOGS |^(?=shop-1 )/m);
    // After all else was told.
    expect(last).toContain("`onFailure` failed: Error: nobody listens");
    expect(normalizeLogs(failed)).toMatchInlineSnapshot(`
      " before any test
        postgres: relation "seeds" does not exist
        postgres  <folder>/postgres.log:0
          ✖    +0ms  ERROR:  relation "seeds" does not exist"
    `);
  },
);

test("a line that a service writes when it has answered fails its own test, and no other", async () => {
  const json = join(folder, "late.json");
  const args = ["late", "--reporter=json", `--outputFile=${json}`];
  const { exitCode, all } = await run(args, { FAIL_ON: "fatal" });
  expect(exitCode, all).toBe(1);
  const { testResults } = JSON.parse(readFileSync(json, "utf8"));
  const messages = testResults[0].assertionResults.map(
    ({ title, failureMessages }: { title: string; failureMessages: readonly string[] }) => [
      title,
      ...failureMessages.map((message) => message.split("\n")[0]),
    ],
  );
  expect(messages).toEqual([
    [
      "is answered before the service breaks down",
      "Error: web logged at level fatal while this test ran: FATAL of the first",
    ],
    ["is not to blame"],
    ["fails by itself", "AssertionError: itself"],
    ["is not to blame either"],
    ["meets an error"],
  ]);
});

describe("beside the reporters of Vitest", () => {
  const terminals = ["verbose", "dot", "tree", "minimal", "agent"];
  const others = ["tap", "tap-flat", "json", "junit", "github-actions", "hanging-process"];
  const errorLine = 'ERROR:  relation "orders" does not exist';
  const asArgs = (names: readonly string[]) => names.map((name) => `--reporter=${name}`);

  test.each(IS_SOAK ? terminals.map((name) => [[name]]) : [[terminals]])(
    "under the error of the test: %j",
    async (names) => {
      const { exitCode, all, stderr } = await run(["one-by-one", ...asArgs(names), ...ours]);
      expect(exitCode, all).toBe(1);
      const shown = all.split(/^ FAIL .*> fails$/m).slice(1);
      expect(shown.length, all).toBe(names.length);
      for (const one of shown) expect(one.split("⎯⎯")[0]).toContain(errorLine);
      expect(stderr).not.toContain(" LOGS  one-by-one.real.test.ts > fails\n");
    },
  );

  test.each(IS_SOAK ? others.map((name) => [[name]]) : [])(
    "in a block of our own: %j",
    async (names) => {
      const files = ["json", "junit"].map((name) => `--outputFile.${name}=${folder}/own.${name}`);
      const args = ["one-by-one", ...asArgs(names), ...files, ...ours];
      const { exitCode, all, stderr } = await run(args);
      expect(exitCode, all).toBe(1);
      const [, block = ""] = stderr.split(" LOGS  one-by-one.real.test.ts > fails\n");
      expect(block.split(" LOGS ")[0], all).toContain(errorLine);
    },
  );

  test("in GitHub Actions as folds; JUnit has output and a property", async () => {
    const file = join(folder, "junit.xml");
    const files = [`--outputFile.junit=${file}`, `--outputFile.json=${folder}/github.json`];
    const args = [...asArgs(others), ...files, ...ours];
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(folder, "summary.md") };
    const { exitCode, all } = await run(["one-by-one", ...args], env);
    expect(exitCode, all).toBe(1);
    const fold = /^::group::LOGS {2}one-by-one\.real\.test\.ts > fails\n(.*?)^::endgroup::$/ms;
    expect(fold.exec(all)?.[1], all).toContain(errorLine);
    const [, testcase = ""] = readFileSync(file, "utf8").split('name="fails"');
    const [own = ""] = testcase.split("</testcase>");
    const text = "postgres: relation &quot;orders&quot; does not exist";
    expect(own).toContain(`<system-out>\n${text}\n`);
    expect(own).toContain(`<property name="service logs" value="${text}\n`);
  });
});

test("thousands of failures are not thousands of logs", async () => {
  const failures = IS_SOAK ? 10_000 : 300;
  const { exitCode, stderr } = await run(
    ["many", "--reporter=json", `--outputFile=${folder}/many.json`, ...ours],
    {
      FAILURES: String(failures),
    },
  );
  expect(exitCode).toBe(1);
  expect(stderr.match(/^ {2}web /gm)?.length).toBe(50);
  expect(stderr.match(/^ {2}logs from .* to .*: /gm)?.length).toBe(200);
  expect(stderr).toContain(`${failures - 250} more failures are not shown here.`);
  expect(stderr.length).toBeLessThan(MAX_OUTPUT);
}, 300_000);

/** A folder as core keeps it, to which the tests of the project write. */
function writeLogFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  const service = (file: string) => ({ file, gaps: [] });
  const manifest = {
    environment: "shop-1",
    id: "1",
    pid: process.pid,
    engine: "26.1.5",
    beganMs: Date.now(),
    clock: [],
    services: { postgres: service("postgres"), web: service("web") },
  };
  writeFileSync(join(path, "environment.json"), JSON.stringify(manifest));
}

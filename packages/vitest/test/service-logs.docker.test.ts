/** Under a failed test stand the lines that its services wrote while it ran, and no others. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { projectFolder, runVitest, uniqueName } from "./consumer.ts";
import { findEnvironments, removeEnvironments } from "./engine.ts";
import { type Installed, installFor, type VitestVersion } from "./installed.ts";
import { logsOf, normalizeLogs, versionsOf } from "./log-output.ts";

const name = uniqueName();
const folder = mkdtempSync(join(tmpdir(), "service-logs-"));
afterEach(() => removeEnvironments(name));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: readonly string[], env: Record<string, string> = {}, install?: Installed) =>
  runVitest("service-logs", args, { env: { COMPOSE_PROJECT_NAME: name, ...env }, install });

/** The engine may tell of the exit when the test, or the run, has ended. */
const withoutExit = (text: string) => text.replaceAll(/\n.*was killed by SIGKILL \(137\)/g, "");

/** What depends on Vitest alone is shown for both in log-reporter.docker.test.ts, in the soak all of it. */
const versions: readonly VitestVersion[] =
  process.env["REAL_SERVICES_SOAK"] === "1" ? ["5", "4.1"] : ["5"];

test.each(versions)(
  "with Vitest %s: PostgreSQL's own error, concurrent tests, an OOM kill in the middle of a test, declared lines, errors of nobody",
  async (version) => {
    using install = installFor(version, "service-logs");
    const summary = join(folder, `${version}.md`);
    const { exitCode, all, stderr } = await run(
      ["--real-services", "--no-file-parallelism", "query", "at-once", "oom"],
      { FAIL_ON: 'relation "before"', GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary },
      install,
    );
    expect(exitCode, all).toBe(1);
    expect(all).toContain(` RUN  v${version}.`);
    expect(logsOf(all, "misses a table")).toMatchInlineSnapshot(`
    "   ↳ postgres: relation "orders" does not exist at character 20
         postgres  <folder>/postgres.log:0
           ✖    +0ms  <time> [0] ERROR:  relation "orders" does not exist at character 20
                +0ms  <time> [0] STATEMENT:  SELECT 'mine' FROM orders"
  `);
    expect(logsOf(all, "divides by zero")).toMatchInlineSnapshot(`
    "   ↳ postgres: division by zero
         postgres  <folder>/postgres.log:0
           ✖    +0ms  <time> [0] ERROR:  division by zero
                +0ms  <time> [0] STATEMENT:  SELECT 1 / 0"
  `);
    expect(logsOf(all, "at once > second")).toMatchInlineSnapshot(`
    "   ↳ postgres: relation "nowhere" does not exist at character 36
         postgres: relation "elsewhere" does not exist at character 22
         lines may be of what ran at the same time: at-once.real.test.ts > at once > first
         postgres  <folder>/postgres.log:0
           ✖    +0ms  <time> [0] ERROR:  relation "nowhere" does not exist at character 36
                +0ms  <time> [0] STATEMENT:  SELECT 'first' FROM pg_sleep(0.3), nowhere
           ✖    +0ms  <time> [0] ERROR:  relation "elsewhere" does not exist at character 22
                +0ms  <time> [0] STATEMENT:  SELECT 'second' FROM elsewhere"
  `);
    expect(withoutExit(logsOf(all, "eats too much"))).toMatchInlineSnapshot(`
    "   ↳ hog was OOM-killed here, limit 64 MiB
         hog  <folder>/hog.log:0
                +0ms  hog eats
           ●    +0ms  hog was OOM-killed here, limit 64 MiB"
  `);
    expect(all).toMatch(
      /Error: postgres logged what matches .*relation "before".* while this test ran: relation "before" does not exist/,
    );
    const fatal = "terminating connection due to administrator command";
    expect(all).toContain(`Error: postgres logged at level fatal while this test ran: ${fatal}`);
    const [, last = ""] = stderr.split("::group::LOGS  unhandled error\n");
    const [nobody, end = ""] = last.split("::endgroup::");
    expect(nobody).toContain(`FATAL:  ${fatal}`);
    expect(withoutExit(normalizeLogs(end))).toMatchInlineSnapshot(`
    "<environment>  <folder>/report.md
      cache     ready after 0 s
      hog       ready after 0 s, was OOM-killed here, limit 64 MiB
      postgres  ready after 0 s

      died after it was ready
      hog  <folder>/hog.log:0
             +0ms  hog eats
        ●    +0ms  hog was OOM-killed here, limit 64 MiB"
  `);
    const [place = ""] = /\S+report\.md$/m.exec(end) ?? [];
    const logFolder = join(install?.folder ?? projectFolder("."), "service-logs", dirname(place));
    const report = readFileSync(join(logFolder, "report.md"), "utf8");
    expect(report).toMatch(versionsOf(`${version}\\.`));
    expect(report).toContain("### misses a table\n");
    expect(report).toMatch(
      /^### hog: died after it was ready\n\n.*\n\n```\n.* hog eats\n.*OOM-killed/m,
    );
    expect(report).toMatch(/^## Timeline\n\n```\n.* was started$/m);
    expect(report).toContain('"POSTGRES_PASSWORD": "*****"');
    for (const text of [report, readFileSync(join(logFolder, "stack.json"), "utf8")]) {
      expect(text).toMatch(/--requirepass[",\s]+\*{5}/);
      expect(text).not.toMatch(/correct-horse|battery-staple/);
    }

    // As annotations of GitHub, in its place in the file, and in the job's summary.
    expect(all).toMatch(
      /^::notice file=.*query\.real\.test\.ts,line=11,column=3,title=service logs::postgres: relation "orders" does not exist/m,
    );
    expect(readFileSync(summary, "utf8")).toContain(
      "<details><summary>oom.real.test.ts &gt; eats too much</summary>",
    );
    expect(await findEnvironments(name)).toEqual([]);
  },
);

test("a reporter of the command line leaves the terminal to ours, and has our lines too", async () => {
  const file = join(folder, "junit.xml");
  const args = ["--real-services=hog", "oom", "--reporter=junit", `--outputFile=${file}`];
  const { exitCode, all, stderr } = await run(args);
  expect(exitCode, all).toBe(1);
  const [, block = ""] = stderr.split(" LOGS  oom.real.test.ts > eats too much\n");
  expect(withoutExit(normalizeLogs(block))).toMatchInlineSnapshot(`
    "  hog was OOM-killed here, limit 64 MiB
      hog  <folder>/hog.log:0
             +0ms  hog eats
        ●    +0ms  hog was OOM-killed here, limit 64 MiB

    <environment>  <folder>/report.md
      hog  ready after 0 s, was OOM-killed here, limit 64 MiB

      died after it was ready
      hog  <folder>/hog.log:0
             +0ms  hog eats
        ●    +0ms  hog was OOM-killed here, limit 64 MiB"
  `);
  const [, testcase = ""] = readFileSync(file, "utf8").split('name="eats too much"');
  const output = /<system-out>(.*?)<\/system-out>/s.exec(testcase)?.[1] ?? "";
  expect(withoutExit(normalizeLogs(output))).toMatchInlineSnapshot(`
    "hog was OOM-killed here, limit 64 MiB
    hog  <folder>/hog.log:0
           +0ms  hog eats
      ●    +0ms  hog was OOM-killed here, limit 64 MiB"
  `);
});

/** A service that never becomes healthy ends the run with its post-mortem, before any test. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { projectFolder, runVitest, uniqueName } from "./consumer.ts";
import { findEnvironments, removeEnvironments } from "./engine.ts";
import { installFor, type VitestVersion } from "./installed.ts";
import { normalizeLogs, versionsOf } from "./log-output.ts";

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
const name = uniqueName();
const folder = mkdtempSync(join(tmpdir(), "never-healthy-"));
const junit = join(folder, "junit.xml");
afterEach(() => removeEnvironments(name));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LEGS: readonly [VitestVersion, string[]][] = [
  ["5", ["--reporter=junit", `--outputFile=${junit}`]],
  ["4.1", []],
  ["5", []],
];

test.each(IS_SOAK ? LEGS : LEGS.slice(0, 2))(
  "with Vitest %s and reporters %j",
  async (version, reporters) => {
    using install = installFor(version, "never-healthy");
    const { exitCode, stdout, stderr } = await runVitest(
      "never-healthy",
      ["--real-services", ...reporters],
      { env: { COMPOSE_PROJECT_NAME: name }, install },
    );
    expect(exitCode).toBe(1);
    expect(stderr.match(/REAL_SERVICES_\w+/g)).toEqual(["REAL_SERVICES_SERVICE_UNHEALTHY"]);
    expect(stderr).toContain("the schema is missing");
    expect(stderr).toMatch(/needed by +behind/);
    const [, log = ""] = /^ +log +(.*?)^ +needed by/ms.exec(stderr) ?? [];
    expect(normalizeLogs(log)).toMatchInlineSnapshot(`
    "web  <folder>/web.log:0
                     ●    +0ms  web was started
                     ✖    +0ms  ERROR no schema for *****
                          +0ms  1
                          +0ms  2
                          +0ms  3
                          +0ms  4
                          +0ms  5
                          +0ms  6
                          +0ms  7
                          +0ms  8
                          +0ms  9
                       … 84 lines …
                          +0ms  94
                          +0ms  95
                          +0ms  96
                          +0ms  97
                          +0ms  98
                          +0ms  99
                          +0ms  100
                          +0ms  peer listens on 8000
                     ●    +0ms  web became unhealthy"
  `);
    const [, file = ""] = /^ +report (\S+report\.md)$/m.exec(stderr) ?? [];
    const project = install?.folder ?? projectFolder(".");
    const report = readFileSync(join(project, "never-healthy", file), "utf8");
    expect(report).toContain("REAL_SERVICES_SERVICE_UNHEALTHY");
    expect(report).toMatch(versionsOf(`${version}\\.`));
    expect(report).toContain("### web: unhealthy");
    expect(report).toContain("health check exited with 1: the schema is missing");
    expect(report).toContain("ERROR no schema for *****");
    expect(report).toMatch(/^## Timeline\n\n```\n.* web \(1\) was started$/m);
    expect(report).toContain('"API_TOKEN": "*****"');
    expect(report).not.toContain("correct-horse");
    expect(stderr).not.toMatch(/^\s+at /m);
    const xml = existsSync(junit) ? readFileSync(junit, "utf8") : "";
    expect(stdout + xml).not.toMatch(/never gets here|is not run either/);
    expect(await findEnvironments(name)).toEqual([]);
  },
);

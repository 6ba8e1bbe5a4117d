/** The flag decides: with it the real tests run on services of their own, without it nothing touches Docker. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { OLDER_NODE, runVitest, uniqueName } from "./consumer.ts";
import { findEnvironments, listenAsEngine, removeEnvironments } from "./engine.ts";

/** Variants that cost more time than they tell news. */
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";

const PROJECT = "flag";

let name: string;
let env: Record<string, string>;
beforeEach(() => {
  name = uniqueName();
  env = { COMPOSE_PROJECT_NAME: name };
});
afterEach(() => removeEnvironments(name));

test("without the flag only unit tests run, and nobody looks for an engine", async () => {
  await using engine = await listenAsEngine();
  const { exitCode, stdout, stderr } = await runVitest(PROJECT, [], {
    env: { ...env, DOCKER_HOST: engine.host },
  });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Tests  2 passed | 1 skipped (3)");
  expect(stderr).toBe("");
  expect(engine.connections()).toBe(0);
});

test("with the flag the real tests run and nothing is left", async () => {
  const { exitCode, stdout, stderr } = await runVitest(PROJECT, ["--real-services"], { env });
  expect(stdout).toContain("Tests  5 passed (5)");
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(new RegExp(`real-services +${name}-\\w+ +removed`));
  expect(await findEnvironments(name)).toEqual([]);
});

const SWITCHES = [
  ["stock vitest by the variable", [], { REAL_SERVICES: "1" }, true],
  ["our command by the flag", ["--real-services"], {}, false],
  ["stock vitest by the mode", ["--mode", "real-services"], {}, true],
  ["stock vitest by the flag behind --", ["--", "--real-services"], {}, true],
] as const;

test.each(IS_SOAK ? SWITCHES : SWITCHES.slice(0, 2))(
  "%s is switched on, and lists what would run without an engine",
  async (_by, args, more, stock) => {
    await using engine = await listenAsEngine();
    const { exitCode, stdout } = await runVitest(PROJECT, args, {
      stock,
      command: "list",
      env: { ...env, ...more, DOCKER_HOST: engine.host },
    });
    expect(stdout).toContain("web.real.test.ts > the web service answers");
    expect(exitCode).toBe(0);
    expect(engine.connections()).toBe(0);
  },
);

test.each(IS_SOAK ? ["threads", "vmThreads"] : ["threads"])(
  "a subset starts with what it depends on, and nothing else; variables are there first under %s too",
  async (pool) => {
    const args = ["--real-services=web", `--pool=${pool}`];
    const { exitCode, stdout, stderr } = await runVitest(PROJECT, args, { env });
    expect(stdout).toContain("Tests  5 passed (5)");
    expect(exitCode).toBe(0);
    const started = [...stderr.matchAll(/^real-services +(\w+) +ready/gm)].map(([, it]) => it);
    expect(started.sort()).toEqual(["store", "web"]);
  },
);

test("a service that the stack does not have ends the run with the nearest name", async () => {
  const { exitCode, stderr } = await runVitest(PROJECT, ["--real-services=wbe"], { env });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("REAL_SERVICES_UNKNOWN_SERVICE");
  expect(stderr).toContain("web");
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("--no-real-services has the last word over the variable; a file that is left out is told of", async () => {
  await using engine = await listenAsEngine();
  const off = { ...env, REAL_SERVICES: "1", DOCKER_HOST: engine.host };
  const unit = await runVitest(PROJECT, ["--no-real-services"], { env: off });
  expect(unit.exitCode).toBe(0);
  const leftOut = await runVitest(PROJECT, ["--no-real-services", "web.real"], { env: off });
  expect(leftOut.exitCode).toBe(1);
  expect(leftOut.stderr).toContain("1 file needs real services: run with --real-services");
  const without = { ...env, DOCKER_HOST: engine.host };
  const other = await runVitest(PROJECT, ["no-such-file"], { env: without });
  expect(other.stderr).not.toContain("real services");
  expect(engine.connections()).toBe(0);
});

test("an engine that hangs up is one readable error", async () => {
  await using engine = await listenAsEngine();
  const { exitCode, all } = await runVitest(PROJECT, ["--real-services"], {
    env: { ...env, DOCKER_HOST: engine.host },
  });
  expect(exitCode).toBe(1);
  expect(engine.connections()).toBeGreaterThan(0);
  expect(all.match(/REAL_SERVICES_\w+/g)).toHaveLength(1);
  expect(all).not.toMatch(/^\s+at /m);
});

test("an older Node.js is named", async () => {
  const { exitCode, stderr } = await runVitest(PROJECT, ["--real-services"], { env: OLDER_NODE });
  expect(stderr).toMatch(/^vitest --real-services needs Node\.js .*; this is 20\.1\.0$/);
  expect(exitCode).toBe(2);
});

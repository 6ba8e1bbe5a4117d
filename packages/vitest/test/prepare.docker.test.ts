/** `prepare` runs once on a ready environment; when it throws, the run ends with the reason. */
import { afterEach, expect, test } from "vitest";
import { runVitest, uniqueName } from "./consumer.ts";
import { findEnvironments, removeEnvironments } from "./engine.ts";

const name = uniqueName();
afterEach(() => removeEnvironments(name));

const run = (env: Record<string, string>) =>
  runVitest("prepare", ["--real-services"], { env: { COMPOSE_PROJECT_NAME: name, ...env } });

test("what was prepared is there for global setup and for tests", async () => {
  const { exitCode, all } = await run({});
  expect(exitCode, all).toBe(0);
  // Nothing failed: nobody needs to know where logs are.
  expect(all).not.toContain(".real-services");
  expect(await findEnvironments(name)).toEqual([]);
});

test("a `prepare` that throws is shown with the services, and nothing is left", async () => {
  const { exitCode, stdout, stderr } = await run({ SEED: "broken", PEER_FILE: "/proc/1/fd/1" });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("REAL_SERVICES_PREPARE_FAILED");
  expect(stderr).toMatch(
    /`prepare` failed in seed \(\S+\/prepare\/seed\.ts:\d+:\d+\): relation “orders” does not exist/,
  );
  expect(stderr).toMatch(/web running.* Their logs: \.real-services\/t\w+-\w+$/m);
  expect(stderr).toMatch(/^ +report \.real-services\/t\w+-\w+\/report\.md$/m);
  // What it wrote while it was prepared, and no more.
  const [, log = ""] = /^ +web +\.real-services\/.*\n((?: {4,}.*\n)*)/m.exec(stderr) ?? [];
  expect(log).toMatch(/^ +\+\d+ms +seeded for \S+\n$/);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stdout).not.toContain("Tests ");
  expect(await findEnvironments(name)).toEqual([]);
});

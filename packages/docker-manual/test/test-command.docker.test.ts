/** `test` runs the project's own Vitest with real services on; arguments and exit codes pass through. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { Workshop } from "./workshop.ts";

const project = (name: string) => join(import.meta.dirname, "../../../fixtures/projects", name);

test("real tests that pass, real tests that fail", async () => {
  await using workshop = await Workshop.open({});
  const cwd = project("keep");
  const passed = await workshop.run(["test", "result", "--reporter=tap-flat"], { cwd });
  expect(passed.exitCode).toBe(0);
  expect(passed.stdout).toMatch(/^ok 1 - result\.real\.test\.ts > passes unless told otherwise/m);

  const failed = await workshop.run(["test", "--json"], { cwd, env: { RESULT: "bad" } });
  expect(failed.exitCode).toBe(1);
  expect(JSON.parse(failed.stdout)).toEqual({ exitCode: 1 });
  expect(failed.stderr).toContain("1 failed");
  expect(await workshop.environments()).toEqual([]);
});

test("what Vitest refuses and what it finds nothing for", async () => {
  await using workshop = await Workshop.open({});
  const cwd = project("keep");
  const nothing = await workshop.run(["test", "no-such-file"], { cwd });
  expect(nothing.exitCode).toBe(1);
  expect(nothing.stderr).toContain("No test files found");
  expect((await workshop.run(["test", "--no-such-flag"], { cwd })).exitCode).toBe(1);
});

test("a folder without the plugin", async () => {
  await using workshop = await Workshop.open({ "package.json": "{}" });
  const { exitCode, stderr } = await workshop.run(["test"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("npm i -D @real-services/vitest");
});

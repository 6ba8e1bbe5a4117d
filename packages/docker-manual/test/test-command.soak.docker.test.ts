/** What of `test` is long, or passed on like the rest. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { followLines } from "../../vitest/test/lines.ts";
import { leftBehind, openCategories } from "./categories.ts";
import { Workshop } from "./workshop.ts";

test("Ctrl-C ends the shards, and makes no report of halves", async () => {
  await using workshop = await openCategories();
  const args = ["test", "--parallel", "2"];
  const command = workshop.spawn(args, { env: { ENDLESS: "1" }, detached: true });
  await followLines(command.stderr)(/the test runs/);
  // As a terminal does it.
  process.kill(-(command.pid ?? Number.NaN), "SIGINT");
  const { exitCode, stdout, stderr } = await command;
  expect([exitCode, stdout]).toEqual([130, ""]);
  expect(stderr).not.toMatch(/\s(at|❯) .*\d:\d/);
  expect(await workshop.environments()).toEqual([]);
  expect(leftBehind(workshop)).toEqual([]);
});

test("a flag that Vitest refuses", async () => {
  await using workshop = await Workshop.open({});
  const cwd = join(import.meta.dirname, "../../../fixtures/projects/keep");
  expect((await workshop.run(["test", "--no-such-flag"], { cwd })).exitCode).toBe(1);
});

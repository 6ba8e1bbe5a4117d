/** A failed run's environment stays on a lease, if asked for, with the commands to enter and remove it. */
import { execa } from "execa";
import { afterEach, expect, test } from "vitest";
import { runVitest, uniqueName } from "./consumer.ts";
import { findEnvironments, removeEnvironments } from "./engine.ts";

const name = uniqueName();
afterEach(() => removeEnvironments(name));

const run = (args: readonly string[], env: Record<string, string>) =>
  runVitest("keep", ["--real-services", ...args], { env: { COMPOSE_PROJECT_NAME: name, ...env } });

test("after a failure it is there, can be entered, and survives another run's sweep", async () => {
  const failed = await run(["--real-services-keep=on-failure"], { RESULT: "bad" });
  expect(failed.exitCode).toBe(1);
  const [kept] = await findEnvironments(name);
  expect(failed.stderr).toContain(`${kept} is kept until`);
  expect(failed.stderr).toContain("npx docker-manual status");
  expect(failed.stderr).toContain(`npx docker-manual stop ${kept}`);
  const [, id = ""] = /docker exec -it (\w+) sh/.exec(failed.stderr) ?? [];
  expect((await execa("docker", ["exec", id, "sh", "-c", "echo entered"])).stdout).toBe("entered");

  expect((await run([], {})).exitCode).toBe(0);
  expect(await findEnvironments(name)).toEqual([kept]);
});

test("after a success it is gone", async () => {
  const { exitCode, stderr } = await run(["--real-services-keep=on-failure"], {});
  expect(exitCode).toBe(0);
  expect(stderr).not.toContain("kept");
  expect(await findEnvironments(name)).toEqual([]);
});

test("without being asked for it is gone after a failure too", async () => {
  const { exitCode } = await run([], { RESULT: "bad" });
  expect(exitCode).toBe(1);
  expect(await findEnvironments(name)).toEqual([]);
});

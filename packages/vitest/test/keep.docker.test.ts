/** A failed run's environment stays on a lease, if asked for, with the commands to enter and remove it. */
import { execa } from "execa";
import { afterEach, expect, test } from "vitest";
import { runVitest, uniqueName } from "./consumer.ts";
import { findEnvironments, removeEnvironments } from "./engine.ts";

const name = uniqueName();
afterEach(() => removeEnvironments(name));

const run = (env: Record<string, string>) =>
  runVitest("keep", ["--real-services", "--real-services-keep=on-failure"], {
    env: { COMPOSE_PROJECT_NAME: name, ...env },
  });

test("after a failure it is there, can be entered, and survives another run, whose own is gone", async () => {
  const failed = await run({ RESULT: "bad" });
  expect(failed.exitCode).toBe(1);
  const [kept] = await findEnvironments(name);
  expect(failed.stderr).toContain(`${kept} is kept until`);
  expect(failed.stderr).toContain("npx docker-manual status");
  expect(failed.stderr).toContain(`npx docker-manual stop ${kept}`);
  const [, id = ""] = /docker exec -it (\w+) sh/.exec(failed.stderr) ?? [];
  expect((await execa("docker", ["exec", id, "sh", "-c", "echo entered"])).stdout).toBe("entered");

  // It sweeps, and is asked to keep what failed, as a command in a package's scripts is.
  const passed = await run({});
  expect(passed.exitCode).toBe(0);
  expect(passed.stderr).not.toMatch(/kept|adopted/);
  expect(passed.stderr).toMatch(new RegExp(`${name}-\\w+ +removed`));
  expect(await findEnvironments(name)).toEqual([kept]);
});

/** A signal ends the run as signals do, but not before what was started is gone. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { startVitest, uniqueName } from "./consumer.ts";
import { findEnvironments, nextStart, removeEnvironments } from "./engine.ts";
import { followLines } from "./lines.ts";

let name: string;
beforeEach(() => {
  name = uniqueName();
});
afterEach(() => removeEnvironments(name));

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s while a test runs", async (signal, code) => {
  const run = startVitest("interrupt", ["--real-services"], {
    env: { COMPOSE_PROJECT_NAME: name },
  });
  await followLines(run.stdout)(/the test runs/);
  run.kill(signal);
  const result = await run;
  expect(result.exitCode ?? 128 + numberOf(result.signal)).toBe(code);
  expect(await findEnvironments(name)).toEqual([]);
});

test("SIGINT while services start", async () => {
  const started = nextStart(name);
  const run = startVitest("interrupt", ["--real-services"], {
    env: { COMPOSE_PROJECT_NAME: name, STACK: "slow.yml" },
  });
  await started;
  run.kill("SIGINT");
  const result = await run;
  expect(result.exitCode ?? 128 + numberOf(result.signal)).toBe(130);
  expect(result.all).not.toContain("Error");
  expect(await findEnvironments(name)).toEqual([]);
});

/** A process that dies by a signal has no exit code; a shell shows 128 and the number. */
function numberOf(signal: string | undefined): number {
  return { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[signal ?? ""] ?? Number.NaN;
}

/**
 * Services that take longer to stop than anybody waits: the run ends in time and says so, and its
 * watchdog removes what was left.
 */
import { execa } from "execa";
import { expect, test } from "vitest";
import { consumerCommand, exitCodeOf, startVitest, uniqueName } from "./consumer.ts";
import { becomesGone, findEnvironments, removeEnvironments } from "./engine.ts";
import { followLines } from "./lines.ts";

const args = (file: string) => ["--real-services", file];

/** Whatever a failed test leaves is removed. */
async function withName(story: (env: Record<string, string>, name: string) => Promise<void>) {
  const name = uniqueName();
  try {
    await story({ COMPOSE_PROJECT_NAME: name }, name);
  } finally {
    await removeEnvironments(name);
  }
}

test.concurrent("a run that is done waits for a minute, not for ten, and fails", async () => {
  await withName(async (env, name) => {
    const run = startVitest("slow-teardown", args("passes"), { env });
    const { exitCode, all } = await run;
    expect(all).toContain("1 passed");
    expect(all).toContain("could not be removed within 60 s");
    expect(exitCode).toBe(1);
    await becomesGone(name);
  });
});

test.concurrent.each([
  ["SIGINT while a test runs", "SIGINT", 130, "endless", /the test runs/],
  ["SIGTERM while a test runs", "SIGTERM", 143, "endless", /the test runs/],
  ["SIGHUP while a test runs", "SIGHUP", 129, "endless", /the test runs/],
  ["SIGINT when its tests are done", "SIGINT", 130, "passes", /1 passed/],
] as const)("%s: it ends before a CI runner loses its patience", async (...of) => {
  const [, signal, code, file, moment] = of;
  await withName(async (env, name) => {
    const run = startVitest("slow-teardown", args(file), { env });
    await followLines(run.stdout)(moment);
    run.kill(signal);
    expect(await exitCodeOf(run)).toBe(code);
    expect((await run).all).toContain("could not be removed within 7 s");
    await becomesGone(name);
  });
});

test.concurrent("q in watch mode: it says so before Vitest cuts its closing off", async () => {
  await withName(async (env, name) => {
    const { command, options } = consumerCommand("slow-teardown", args("passes"), {
      command: "watch",
      env,
    });
    // Its words are a path of this machine and plain flags.
    const terminal = execa("script", ["-qefc", command.join(" "), "/dev/null"], options);
    try {
      const next = followLines(terminal.stdout);
      await next(/Waiting for file changes/);
      expect(await findEnvironments(name)).toHaveLength(1);
      terminal.stdin.write("q");
      await next(/could not be removed within 7 s/);
      await terminal;
      await becomesGone(name);
    } finally {
      terminal.kill("SIGKILL");
      await terminal;
    }
  });
});

/**
 * However a run ends, nothing of it is left: at once where Vitest lives to clean up, otherwise as
 * soon as its watchdog has noticed.
 */
import { expect, test } from "vitest";
import { exitCodeOf } from "./consumer.ts";
import { becomesGone, findEnvironments, nextStart } from "./engine.ts";
import { followLines } from "./lines.ts";
import { withRun } from "./one-run.ts";

test.concurrent("Ctrl-C while services start: SIGINT to the whole group", async () => {
  const options = { env: { STACK: "slow.yml" }, detached: true };
  await withRun(["endless"], options, async (run, name) => {
    await nextStart(name);
    process.kill(-(run.pid ?? Number.NaN), "SIGINT");
    expect(await exitCodeOf(run)).toBe(130);
    expect((await run).all).not.toContain("Error");
    expect(await findEnvironments(name)).toEqual([]);
  });
});

test.concurrent("SIGINT again and again: it ends at once, however long its clean-up would take", async () => {
  await withRun(["endless"], { project: "slow-teardown" }, async (run, name) => {
    await followLines(run.stdout)(/the test runs/);
    const impatience = setInterval(() => run.kill("SIGINT"), 100);
    try {
      expect(await exitCodeOf(run)).toBe(130);
    } finally {
      clearInterval(impatience);
    }
    // What it says when its own patience is at an end, after one signal.
    expect((await run).all).not.toContain("could not be removed");
    await becomesGone(name);
  });
});

test.concurrent("one act that comes as two signals: gone before the process is", async () => {
  await withRun(["endless"], {}, async (run, name) => {
    await followLines(run.stdout)(/the test runs/);
    run.kill("SIGTERM");
    run.kill("SIGHUP");
    expect([129, 143]).toContain(await exitCodeOf(run));
    expect(await findEnvironments(name)).toEqual([]);
  });
});

test.concurrent("Ctrl-C at a terminal, which workers have as well, ends it the same way", async () => {
  await withRun(["endless"], { detached: true }, async (run, name) => {
    await followLines(run.stdout)(/the test runs/);
    process.kill(-(run.pid ?? Number.NaN), "SIGINT");
    expect(await exitCodeOf(run)).toBe(130);
    expect((await run).all).not.toMatch(/^\s+(at|❯) | LOGS /m);
    expect(await findEnvironments(name)).toEqual([]);
  });
});

test.concurrent("SIGKILL of the whole group", async () => {
  await withRun(["endless"], { detached: true }, async (run, name) => {
    await followLines(run.stdout)(/the test runs/);
    process.kill(-(run.pid ?? Number.NaN), "SIGKILL");
    expect(await exitCodeOf(run)).toBe(137);
    await becomesGone(name);
  });
});

test.concurrent.each([
  ["a test fails, and --bail ends the run", ["bail", "--bail=1"], {}, ["service logs"]],
  [
    "a test ends its own process, another runs into its time-out, and goes on behind it",
    ["exit.real", "hanging"],
    {},
    ["service logs", "process.exit", "Test timed out"],
  ],
  [
    "somebody else's global set-up throws",
    ["bail"],
    { SET_UP: "throws" },
    [" LOGS  before any test"],
  ],
])("%s: gone before the process is", async (_case, args, env, told) => {
  await withRun(args, { env }, async (run, name) => {
    expect(await exitCodeOf(run)).toBe(1);
    const { all } = await run;
    for (const words of told) expect(all).toContain(words);
    expect(all).toContain("ready");
    expect(all).not.toContain("it went on");
    expect(await findEnvironments(name)).toEqual([]);
  });
});

test.concurrent("somebody else's global set-up exits: nobody can clean up any more", async () => {
  await withRun(["endless"], { env: { SET_UP: "exits" } }, async (run, name) => {
    expect(await exitCodeOf(run)).toBe(3);
    await becomesGone(name);
  });
});

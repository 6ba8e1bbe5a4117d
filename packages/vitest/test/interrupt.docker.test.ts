/**
 * However a run ends, nothing of it is left: at once where Vitest lives to clean up, otherwise as
 * soon as its watchdog has noticed.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { expect, test } from "vitest";
import {
  type ConsumerOptions,
  consumerCommand,
  exitCodeOf,
  hasTerminals,
  type Run,
  startVitest,
  uniqueName,
} from "./consumer.ts";
import { becomesGone, findEnvironments, nextStart, removeEnvironments } from "./engine.ts";
import { followLines } from "./lines.ts";

/** A run with an environment of its own; whatever a failed test leaves is removed. */
async function withRun(
  args: readonly string[],
  { project = "interrupt", ...options }: ConsumerOptions & { readonly project?: string },
  story: (run: Run, name: string) => Promise<void>,
): Promise<void> {
  const name = uniqueName();
  const env = { COMPOSE_PROJECT_NAME: name, ...options.env };
  const run = startVitest(project, ["--real-services", ...args], { ...options, env });
  try {
    await story(run, name);
  } finally {
    run.kill("SIGKILL");
    await run;
    await removeEnvironments(name);
  }
}

test.concurrent.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s while a test runs: gone before the process is", async (signal, code) => {
  await withRun(["endless"], {}, async (run, name) => {
    await followLines(run.stdout)(/the test runs/);
    run.kill(signal);
    expect(await exitCodeOf(run)).toBe(code);
    expect(await findEnvironments(name)).toEqual([]);
  });
});

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
  ["a test fails, and --bail ends the run", ["bail", "--bail=1"], {}, "service logs"],
  ["a test ends its own process", ["exit.real"], {}, "service logs"],
  ["a test runs into its time-out, and goes on behind it", ["hanging"], {}, "service logs"],
  [
    "somebody else's global set-up throws",
    ["bail"],
    { SET_UP: "throws" },
    " LOGS  before any test",
  ],
])("%s: gone before the process is", async (_case, args, env, told) => {
  await withRun(args, { env }, async (run, name) => {
    expect(await exitCodeOf(run)).toBe(1);
    const { all } = await run;
    expect(all).toContain(told);
    expect(all).toContain("ready");
    expect(all).not.toContain("it went on");
    expect(await findEnvironments(name)).toEqual([]);
  });
});

test.concurrent.each([
  ["exits", 3],
  ["rejects", 1],
])("somebody else's global set-up %s: nobody can clean up any more", async (way, code) => {
  await withRun(["endless"], { env: { SET_UP: way } }, async (run, name) => {
    expect(await exitCodeOf(run)).toBe(code);
    await becomesGone(name);
  });
});

const isLinux = process.platform === "linux";

/** SIGALRM is what `timeout` sends itself when its time is up: it then ends the whole group. */
test.runIf(isLinux && existsSync("/usr/bin/timeout"))(
  "its time is up, and `timeout` ends it",
  { concurrent: true },
  async () => {
    const name = uniqueName();
    const { command, options } = consumerCommand("interrupt", ["--real-services", "endless"], {
      env: { COMPOSE_PROJECT_NAME: name },
    });
    const limited = execa("timeout", ["600", ...command], options);
    try {
      await followLines(limited.stdout)(/the test runs/);
      limited.kill("SIGALRM");
      expect((await limited).exitCode).toBe(124);
      expect(await findEnvironments(name)).toEqual([]);
    } finally {
      limited.kill("SIGTERM");
      await limited;
      await removeEnvironments(name);
    }
  },
);

test.runIf(hasTerminals)("its terminal is closed", { concurrent: true }, async () => {
  await withRun(["endless"], { terminal: true }, async (terminal, name) => {
    await followLines(terminal.stdout)(/the test runs/);
    terminal.kill("SIGKILL");
    await terminal;
    await becomesGone(name);
  });
});

/** How long GitHub's runner waits after each signal; without the waits the outcome has to be the same. */
const CANCEL_MS =
  process.env["REAL_SERVICES_SOAK"] === "1"
    ? { interrupt: 7_500, terminate: 2_500 }
    : { interrupt: 0, terminate: 0 };

/**
 * What GitHub's runner does: signals for the step's shell alone, then SIGKILL for its whole tree,
 * then for every process that carries the job's mark.
 */
test.runIf(isLinux)("its CI job is cancelled", { concurrent: true }, async () => {
  const name = uniqueName();
  const mark = `github_${name}`;
  const { command, options } = consumerCommand("interrupt", ["--real-services", "endless"], {
    env: { COMPOSE_PROJECT_NAME: name, RUNNER_TRACKING_ID: mark },
  });
  // Not its last command: the shell waits for it, and passes no signal on.
  const step = execa("bash", ["-e", "-c", '"$@"; true', "step", ...command], options);
  try {
    await followLines(step.stdout)(/the test runs/);
    const tree = treeOf(step.pid ?? Number.NaN);
    expect(tree.length).toBeGreaterThan(2);
    step.kill("SIGINT");
    await delay(CANCEL_MS.interrupt);
    step.kill("SIGTERM");
    await delay(CANCEL_MS.terminate);
    for (const pid of tree) killIfThere(pid);
    await step;
    for (const pid of markedBy(mark)) killIfThere(pid);
    await becomesGone(name);
  } finally {
    await removeEnvironments(name);
  }
});

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It went with its parent.
  }
}

function allPids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/** A process and all that descend from it. */
function treeOf(root: number): number[] {
  const children = Map.groupBy(allPids(), (pid) => {
    const stat = readIfThere(`/proc/${pid}/stat`);
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  });
  const below = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(below)];
  return below(root);
}

function markedBy(mark: string): number[] {
  return allPids().filter((pid) =>
    readIfThere(`/proc/${pid}/environ`).includes(`RUNNER_TRACKING_ID=${mark}`),
  );
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

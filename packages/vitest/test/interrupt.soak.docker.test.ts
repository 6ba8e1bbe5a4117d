/** The ends that interrupt.docker.test.ts has not: nothing of the run is left either. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { expect, test } from "vitest";
import { consumerCommand, exitCodeOf, hasTerminals, uniqueName } from "./consumer.ts";
import { becomesGone, findEnvironments, removeEnvironments } from "./engine.ts";
import { followLines } from "./lines.ts";
import { withRun } from "./one-run.ts";

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

test.concurrent("somebody else's global set-up rejects: nobody can clean up any more", async () => {
  await withRun(["endless"], { env: { SET_UP: "rejects" } }, async (run, name) => {
    expect(await exitCodeOf(run)).toBe(1);
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

/**
 * What GitHub's runner does: signals for the step's shell alone, with a wait after each, then
 * SIGKILL for its whole tree, then for every process that carries the job's mark.
 */
test.runIf(isLinux).concurrent.each([
  [7_500, 2_500],
  [0, 0],
])("its CI job is cancelled, with waits of %i and %i ms", async (interruptMs, terminateMs) => {
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
    await delay(interruptMs);
    step.kill("SIGTERM");
    await delay(terminateMs);
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

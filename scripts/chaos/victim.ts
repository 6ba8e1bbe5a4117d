import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { EnvironmentManager } from "../../packages/core/src/manager.ts";
import { composeHasEnded, remainsOf, until } from "./engine-view.ts";
import type { Death, Point, Victim } from "./plan.ts";
import { Run } from "./run.ts";

/** A run that is about to die. */
export interface Dying {
  readonly run: Run;
  readonly victim: Victim;
  readonly host: string | undefined;
  /** When it has ended, by this process's clock. */
  readonly died: Promise<number>;
}

/** What its death left, and for how long. */
export interface Outcome {
  readonly pid: number;
  readonly name: string;
  readonly death: Death;
  readonly story: string;
  /** From its end until nothing of it was left; undefined when it took a sweep. */
  readonly goneMs: number | undefined;
  readonly problems: readonly string[];
}

interface Place {
  readonly folder: string;
  readonly name: string;
  /** An engine that is not the machine's own. */
  readonly host: string | undefined;
}

const GONE_MS = 30_000;
/** The line after which a point is reached; what has no line of its own lies some time after another's. */
const LINES: Readonly<Record<Point, string>> = {
  resolve: "resolve",
  build: "build",
  create: "planned",
  created: "created",
  start: "start",
  ready: "ready",
  tests: "tests",
  release: "release",
};
const builtTag = (name: string) => `rs-chaos:${name}`;
/** `compose create` begins so long after the plan, and lasts as long again. */
const CREATE_MS = 100;

export function startVictim(victim: Victim, { folder, name, host }: Place): Dying {
  // Nothing is built on an engine whose only image is ours.
  const isBuilding = victim.point === "build" && host === undefined;
  const run = new Run({
    cwd: folder,
    name,
    polite: victim.polite,
    release: victim.point === "release",
    ...(host === undefined ? {} : { compose: "tiny.yaml" }),
    ...(isBuilding ? { compose: "build.yaml" } : {}),
    env: { BUILT_IMAGE: builtTag(name), ...(host === undefined ? {} : { DOCKER_HOST: host }) },
  });
  const line = host !== undefined && victim.point === "build" ? "planned" : LINES[victim.point];
  const die = async () => {
    await run.says(line);
    await delay(victim.delayMs + (victim.point === "create" ? CREATE_MS : 0));
    await run.die(victim.death);
    return performance.now();
  };
  return { run, victim, host, died: die() };
}

/** Waits until nothing is left of it, with one sweep where nobody else can have cleaned up. */
export async function endVictim({ run, victim, host, died }: Dying): Promise<Outcome> {
  const diedAt = await died;
  const problems: string[] = [];
  const { point, death, polite } = victim;
  // What a Compose that is still at work will make is not gone yet.
  const isGone = async () =>
    (await remainsOf(run.name, host)).length === 0 &&
    (await composeHasEnded(run.name)) &&
    (await remainsOf(run.name, host)).length === 0;
  const hadWatchdog = death !== "SIGKILL of owner and watchdog";
  let goneMs: number | undefined;
  if (!hadWatchdog) await sweepAfter(run, host);
  else if (await until(isGone, GONE_MS)) goneMs = performance.now() - diedAt;
  if (point === "build")
    await execa("docker", ["rmi", "-f", builtTag(run.name)], { reject: false });
  const left = await remainsOf(run.name, host);
  if (left.length > 0) problems.push(`${run.name}: ${left.join(", ")} left`);
  const who = `${death} at ${point}${polite ? ", polite" : ""}`;
  const end = goneMs === undefined ? "gone after one sweep" : `gone in ${goneMs.toFixed(0)} ms`;
  return {
    pid: run.pid,
    name: run.name,
    death,
    goneMs,
    problems,
    story: `${who}: ${left.length > 0 ? "NOT GONE" : end}`,
  };
}

/** The end of a run that was to live: nobody's fault, and its watchdog is the one to clean up. */
export function endRun(run: Run, host?: string): Promise<Outcome> {
  return endVictim({
    run,
    victim: { point: "tests", death: "SIGKILL", delayMs: 0, polite: false },
    host,
    died: run.die("SIGKILL").then(() => performance.now()),
  });
}

async function sweepAfter(run: Run, host: string | undefined): Promise<void> {
  await until(() => composeHasEnded(run.name), GONE_MS);
  const before = process.env["DOCKER_HOST"];
  if (host !== undefined) process.env["DOCKER_HOST"] = host;
  // Read at once, so that others beside it have their own.
  const sweeping = new EnvironmentManager().cleanupOrphanedContainers();
  if (before === undefined) delete process.env["DOCKER_HOST"];
  else process.env["DOCKER_HOST"] = before;
  await sweeping;
}

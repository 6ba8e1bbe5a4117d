import { rmSync } from "node:fs";
import { resolve } from "node:path";
import type { EnvironmentManager, SweepDecision, SweepReport } from "@real-services/core";
import { Command } from "commander";
import { columns, prose, widthOf } from "../columns.ts";
import { durationOption } from "../duration-argument.ts";
import { chooseEnvironment, type EnvironmentChoice } from "../environment-choice.ts";
import { LOG_FOLDER } from "../log-folder.ts";
import { printResult } from "../output.ts";
import { ask, canAsk } from "../question.ts";
import { count, formatAge } from "../units.ts";
import { withWaiting } from "../waiting.ts";

interface CleanOptions extends EnvironmentChoice {
  readonly all?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly olderThan: number;
  readonly images?: boolean;
  readonly logs?: boolean;
  readonly json?: boolean;
}

export function cleanCommand(): Command {
  return new Command("clean")
    .description(
      "Remove orphans, and say of everything else why it is kept. When something hangs, its owner is alive: `--all` removes that too.",
    )
    .option("--all", "all environments, also those whose owner is alive; asks first on a terminal")
    .option("-e, --environment <name>", "only this one; needs --force when its owner is alive")
    .option("--force", "do not ask, and do not spare what has a living owner")
    .option("--dry-run", "decide and report, remove nothing")
    .addOption(durationOption("--older-than <duration>", "only what is at least this old", "0s"))
    .option("--images", "also images that were built for environments and that nobody uses")
    .option("--logs", "also the logs of past runs in this folder")
    .option("--json", "print the result as JSON")
    .action(clean);
}

async function clean(options: CleanOptions): Promise<void> {
  const { EnvironmentManager } = await import("@real-services/core");
  const manager = new EnvironmentManager();
  const dryRun = options.dryRun === true;
  const report = await cleanEnvironments(manager, options, dryRun);
  if (report === undefined) {
    printResult(options.json === true, { dryRun, decisions: [] }, () => ["Nothing was removed."]);
    return;
  }
  const images =
    options.images === true
      ? await removing(() => manager.removeBuiltImages({ dryRun }))
      : undefined;
  const logs = options.logs === true ? await cleanLogs(manager, report) : undefined;
  const result = {
    ...report,
    ...(images === undefined ? {} : { images }),
    ...(logs === undefined ? {} : { logs }),
  };
  printResult(options.json === true, result, () => {
    const done = (action: string) => (dryRun && action === "removed" ? "would remove" : action);
    return [
      ...(report.decisions.length === 0
        ? ["There is nothing of ours on the engine."]
        : columns(report.decisions.map((decision) => [done(decision.action), ...row(decision)]))),
      ...columns((images ?? []).map(({ name, action, reason }) => [done(action), name, reason])),
      ...columns((logs ?? []).map((folder) => [done("removed"), folder])),
      ...hint(report, options),
    ];
  });
  if (report.decisions.some(({ action }) => action === "failed")) process.exitCode = 1;
}

/** Undefined when the person who was asked does not want it. */
async function cleanEnvironments(
  manager: EnvironmentManager,
  options: CleanOptions,
  dryRun: boolean,
): Promise<SweepReport | undefined> {
  const { olderThan: olderThanMs } = options;
  if (options.environment !== undefined) {
    const { name, owner, orphan } = await chooseEnvironment(manager, options.environment);
    const isSpared = !orphan && owner.liveness !== "dead" && options.force !== true;
    if (isSpared && !dryRun) {
      await refuse(
        `${name} ${owner.kind === "lease" ? "has a" : "belongs to"} ${owner.description}.`,
      );
    }
    return removing(() => manager.removeEnvironments({ names: [name], dryRun, olderThanMs }));
  }
  if (options.all !== true) {
    return removing(() => manager.cleanupOrphanedContainers({ dryRun, olderThanMs }));
  }
  const isAsked = !dryRun && options.force !== true;
  if (isAsked && !(await isConfirmed(manager, olderThanMs))) return undefined;
  return removing(() => manager.removeEnvironments({ dryRun, olderThanMs }));
}

function removing<T>(work: () => Promise<T>): Promise<T> {
  return withWaiting("removing", work);
}

async function isConfirmed(manager: EnvironmentManager, olderThanMs: number): Promise<boolean> {
  const [all, plan] = await Promise.all([
    manager.listEnvironments(),
    manager.removeEnvironments({ dryRun: true, olderThanMs }),
  ]);
  const meant = new Set(
    plan.decisions.flatMap(({ action, environment }) => (action === "kept" ? [] : [environment])),
  );
  const environments = all.filter(({ name }) => meant.has(name));
  if (environments.length === 0) return true;
  const list = columns(
    environments.map(({ name, createdAt, owner }) => [
      `  ${name}`,
      `${formatAge(createdAt)} old`,
      `${owner.description}, ${owner.liveness}`,
    ]),
    { width: widthOf(process.stderr) },
  );
  if (!canAsk()) {
    await refuse(
      `This would remove ${count(environments.length, "environment")}:\n${list.join("\n")}`,
    );
  }
  return /^y(es)?$/i.test(await ask(`${list.join("\n")}\nRemove them all? (y/N) `));
}

async function refuse(what: string): Promise<never> {
  const { RealServicesError } = await import("@real-services/core");
  throw new RealServicesError("REAL_SERVICES_OWNER_ALIVE", what, {
    hint: "With `--force` it is removed all the same.",
  });
}

/** Of runs that are over and that nobody writes to, in the folder where a run in this project keeps them. */
async function cleanLogs(
  manager: EnvironmentManager,
  { decisions, dryRun }: SweepReport,
): Promise<readonly string[]> {
  const { listRuns } = await import("@real-services/core/logs");
  const environments = await manager.listEnvironments();
  // In a dry run what would be removed is still there.
  const removed = decisions.filter(({ action }) => action === "removed");
  const present = environments.filter(
    ({ name }) => !removed.some(({ environment }) => environment === name),
  );
  const runs = listRuns(resolve(LOG_FOLDER), Date.now(), new Set(present.map(({ id }) => id)));
  const paths = runs.filter(({ mayBeWritten }) => !mayBeWritten).map(({ path }) => path);
  if (!dryRun) for (const path of paths) rmSync(path, { recursive: true, force: true });
  return paths;
}

function row({ environment, containers, networks, volumes, reason }: SweepDecision): string[] {
  const counts = `${count(containers, "container")}, ${count(networks, "network")}, ${count(volumes, "volume")}`;
  return [environment, counts, reason];
}

function hint({ decisions }: SweepReport, { all, environment }: CleanOptions): string[] {
  const kept = decisions.filter(({ action }) => action === "kept").length;
  if (kept === 0 || all === true || environment !== undefined) return [];
  return ["", ...prose("To remove what is kept as well: `npx docker-manual clean --all`.")];
}

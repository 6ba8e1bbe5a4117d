import { Command } from "commander";
import { durationArgument } from "../duration-argument.ts";
import { columns, printResult } from "../output.ts";

interface CleanOptions {
  readonly dryRun?: boolean;
  readonly olderThan: number;
  readonly json?: boolean;
}

export function cleanCommand(): Command {
  return new Command("clean")
    .description("Remove orphans, and say of everything else why it is kept.")
    .option("--dry-run", "decide and report, remove nothing")
    .option("--older-than <duration>", "only orphans of at least this age", durationArgument, 0)
    .option("--json", "print the result as JSON")
    .action(clean);
}

async function clean(options: CleanOptions): Promise<void> {
  const { EnvironmentManager } = await import("@real-services/core");
  const report = await new EnvironmentManager().cleanupOrphanedContainers({
    dryRun: options.dryRun === true,
    olderThanMs: options.olderThan,
  });
  printResult(options.json === true, report, () => {
    if (report.decisions.length === 0) return ["There is nothing of ours on the engine."];
    return columns(
      report.decisions.map(({ environment, action, reason, containers, networks, volumes }) => [
        report.dryRun && action === "removed" ? "would remove" : action,
        environment,
        `${count(containers, "container")}, ${count(networks, "network")}, ${count(volumes, "volume")}`,
        reason,
      ]),
    );
  });
  if (report.decisions.some(({ action }) => action === "failed")) process.exitCode = 1;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

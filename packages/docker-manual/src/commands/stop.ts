import { Command } from "commander";
import { chooseEnvironment } from "../environment-choice.ts";
import { printResult } from "../output.ts";
import { withProgress } from "../with-progress.ts";

interface StopOptions {
  readonly force?: boolean;
  readonly json?: boolean;
}

export function stopCommand(): Command {
  return new Command("stop")
    .description(
      "Stop an environment's services, each with its own grace, and remove it with its networks and volumes.",
    )
    .argument("[name]", "its name; may be left out when there is only one")
    .option("--force", "even when the process that owns it is alive")
    .option("--json", "print the result as JSON")
    .action(stop);
}

async function stop(given: string | undefined, options: StopOptions): Promise<void> {
  const { EnvironmentManager } = await import("@real-services/core");
  const manager = new EnvironmentManager();
  const name = given ?? (await chooseEnvironment(manager, undefined)).name;
  await withProgress(manager, () =>
    manager.releaseEnvironment(name, { force: options.force === true, graceful: true }),
  );
  printResult(options.json === true, { stopped: name }, () => [`stopped ${name}`]);
}

import { Command } from "commander";
import {
  chooseEnvironment,
  type EnvironmentChoice,
  environmentOption,
} from "../environment-choice.ts";
import { printResult } from "../output.ts";
import { withProgress } from "../with-progress.ts";

interface StopOptions extends EnvironmentChoice {
  readonly force?: boolean;
  readonly json?: boolean;
}

export function stopCommand(): Command {
  return new Command("stop")
    .description(
      "Stop an environment's services, each with its own grace, and remove it with its networks and volumes.",
    )
    .argument("[name]", "the same as -e")
    .addOption(environmentOption())
    .option("--force", "even when the process that owns it is alive")
    .option("--json", "print the result as JSON")
    .action(stop);
}

async function stop(
  given: string | undefined,
  options: StopOptions,
  command: Command,
): Promise<void> {
  const { environment = given } = options;
  if (given !== undefined && given !== environment) {
    command.error(`error: two environments are named, '${given}' and '${environment}'`);
  }
  const { EnvironmentManager } = await import("@real-services/core");
  const manager = new EnvironmentManager();
  const { name } = await chooseEnvironment(manager, environment);
  await withProgress(manager, () =>
    manager.releaseEnvironment(name, { force: options.force === true, graceful: true }),
  );
  printResult(options.json === true, { stopped: name }, () => [`stopped ${name}`]);
}

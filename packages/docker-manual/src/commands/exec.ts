import { Command } from "commander";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { runInside, withoutSeparator } from "../run-inside.ts";

interface ExecOptions extends EnvironmentChoice {
  readonly replica: number;
  readonly json?: boolean;
}

export function execCommand(): Command {
  return new Command("exec")
    .description(
      "Run a command in a container of a service. Its exit code is ours. Changes what the command changes.",
    )
    .argument("<service>")
    .argument("<command...>", "the command and its arguments")
    .addOption(environmentOption())
    .option("--replica <number>", "which of the service's containers", Number, 1)
    .option("--json", "print { exitCode, stdout, stderr }")
    .passThroughOptions()
    .action(exec);
}

async function exec(service: string, words: string[], options: ExecOptions): Promise<void> {
  const { manager, found } = await openEnvironment(options.environment);
  const container = await found.container(service, options.replica);
  const engine = await manager.engineVariables();
  const command = withoutSeparator(words);
  await runInside({ container, command, engine, isJson: options.json === true });
}

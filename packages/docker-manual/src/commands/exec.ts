import { Command } from "commander";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { attachment, runDocker } from "../run-docker.ts";

interface ExecOptions extends EnvironmentChoice {
  readonly replica: number;
}

export function execCommand(): Command {
  return new Command("exec")
    .description("Run a command in a container of a service. Its exit code is ours.")
    .argument("<service>")
    .argument("<command...>", "the command and its arguments")
    .addOption(environmentOption())
    .option("--replica <number>", "which of the service's containers", Number, 1)
    .passThroughOptions()
    .action(exec);
}

async function exec(service: string, command: string[], options: ExecOptions): Promise<void> {
  const { manager, found } = await openEnvironment(options.environment);
  const container = await found.container(service, options.replica);
  const env = await manager.engineVariables();
  // Of kubectl; the docker CLI would take it for the command.
  const words = command[0] === "--" ? command.slice(1) : command;
  await runDocker(["exec", ...attachment(), container, ...words], env);
}

import { Command } from "commander";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { refuseTerminal, runInside } from "../run-inside.ts";

/** The better shell, where the image has it. */
const SHELL = ["sh", "-c", "if command -v bash >/dev/null; then exec bash; else exec sh; fi"];

interface ShellOptions extends EnvironmentChoice {
  readonly json?: boolean;
}

export function shellCommand(): Command {
  return new Command("shell")
    .description("Open a shell in a service. Changes what you change in it.")
    .argument("<service>")
    .addOption(environmentOption())
    .option("--json", "print { exitCode, stdout, stderr } of the commands on its standard input")
    .action(shell);
}

async function shell(service: string, options: ShellOptions): Promise<void> {
  const isJson = options.json === true;
  if (isJson) await refuseTerminal();
  const { manager, found } = await openEnvironment(options.environment);
  const container = await found.container(service);
  const engine = await manager.engineVariables();
  await runInside({ container, command: SHELL, engine, isJson });
}

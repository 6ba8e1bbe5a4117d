import { Command } from "commander";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { attachment, runDocker } from "../run-docker.ts";

/** The better shell, where the image has it. */
const SHELL = ["sh", "-c", "if command -v bash >/dev/null; then exec bash; else exec sh; fi"];

export function shellCommand(): Command {
  return new Command("shell")
    .description("Open a shell in a service.")
    .argument("<service>")
    .addOption(environmentOption())
    .action(shell);
}

async function shell(service: string, options: EnvironmentChoice): Promise<void> {
  const { manager, found } = await openEnvironment(options.environment);
  const container = await found.container(service);
  const env = await manager.engineVariables();
  await runDocker(["exec", ...attachment(), container, ...SHELL], env);
}

import { Command, Option } from "commander";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { printResult } from "../output.ts";
import { quote, variablesOf } from "../variables.ts";

interface EnvOptions extends EnvironmentChoice {
  readonly format: "dotenv" | "shell" | "json";
  readonly json?: boolean;
}

export function envCommand(): Command {
  return new Command("env")
    .description("Print the variables by which a program reaches the services. Changes nothing.")
    .addOption(environmentOption())
    .addOption(
      new Option("--format <format>", "for what")
        .choices(["dotenv", "shell", "json"])
        .default("dotenv"),
    )
    .option("--json", "as `--format json`")
    .action(env);
}

async function env(options: EnvOptions): Promise<void> {
  const { found } = await openEnvironment(options.environment);
  const variables = variablesOf(await found.connections());
  printResult(options.json === true || options.format === "json", variables, () =>
    Object.entries(variables).map(([name, value]) =>
      options.format === "shell" ? `export ${name}=${quote(value)}` : `${name}=${value}`,
    ),
  );
}

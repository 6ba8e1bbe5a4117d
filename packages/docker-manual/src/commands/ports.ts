import { Command } from "commander";
import { columns } from "../columns.ts";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { printResult } from "../output.ts";

export function portsCommand(): Command {
  return new Command("ports")
    .description("Show where each published port is reached. Changes nothing.")
    .addOption(environmentOption())
    .option("--json", "print the result as JSON")
    .action(ports);
}

async function ports(options: EnvironmentChoice & { readonly json?: boolean }): Promise<void> {
  const { found } = await openEnvironment(options.environment);
  const services = (await found.services()).map(({ name, ports: own }) => ({ name, ports: own }));
  printResult(options.json === true, { environment: found.name, services }, () =>
    columns(
      services.flatMap(({ name, ports: own }) =>
        own.map(({ host, port, containerPort, protocol }) => [
          name,
          `${containerPort}/${protocol}`,
          `${host}:${port}`,
        ]),
      ),
    ),
  );
}

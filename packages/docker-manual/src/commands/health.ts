import { Command } from "commander";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { columns, printResult } from "../output.ts";

export function healthCommand(): Command {
  return new Command("health")
    .description(
      "Show the health of an environment, its services and their containers; exit code 1 unless all are HEALTHY. Changes nothing.",
    )
    .addOption(environmentOption())
    .option("--json", "print the result as JSON")
    .action(health);
}

async function health(options: EnvironmentChoice & { readonly json?: boolean }): Promise<void> {
  const { manager, found } = await openEnvironment(options.environment);
  const report = await manager.getHealthReport({ environment: found.name });
  printResult(options.json === true, report, () =>
    report.environments.flatMap(({ name, health: system, services }) => [
      `${name}  ${system}`,
      ...columns(
        services.flatMap((service) => [
          [`  ${service.name}`, service.health, service.detail],
          ...(service.containers.length < 2 ? [] : service.containers).map((container) => [
            `    ${container.name}`,
            container.health,
            container.state,
          ]),
        ]),
      ),
    ]),
  );
  if (report.system !== "HEALTHY") process.exitCode = 1;
}

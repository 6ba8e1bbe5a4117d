import type { EnvironmentManager, HealthReport } from "@real-services/core";
import { Command } from "commander";
import { columns } from "../columns.ts";
import { chooseEnvironment, type EnvironmentChoice } from "../environment-choice.ts";
import { printResult } from "../output.ts";
import { withWaiting } from "../waiting.ts";

export function healthCommand(): Command {
  return new Command("health")
    .description(
      "Show the health of environments, their services and their containers; exit code 1 unless all are HEALTHY. Changes nothing.",
    )
    .option("-e, --environment <name>", "only this one: its name, or the beginning of it")
    .option("--json", "print the result as JSON")
    .action(health);
}

async function health(options: EnvironmentChoice & { readonly json?: boolean }): Promise<void> {
  const { EnvironmentManager } = await import("@real-services/core");
  const report = await look(new EnvironmentManager(), options.environment);
  printResult(options.json === true, report, () => [
    ...report.environments.flatMap(renderOne),
    ...(report.environments.length < 2 ? [] : ["", `system  ${report.system}`]),
  ]);
  if (report.system !== "HEALTHY") process.exitCode = 1;
}

async function look(manager: EnvironmentManager, name: string | undefined): Promise<HealthReport> {
  const options =
    name === undefined
      ? { all: true }
      : { environment: (await chooseEnvironment(manager, name)).name };
  return withWaiting("checking", () => manager.getHealthReport(options));
}

function renderOne(
  { name, health, services }: HealthReport["environments"][number],
  index: number,
): string[] {
  return [
    ...(index === 0 ? [] : [""]),
    ...columns([[name, health]]),
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
  ];
}

import type { EnvironmentSummary } from "@real-services/core";
import { Command } from "commander";
import ms from "ms";
import { columns, printResult } from "../output.ts";

export function statusCommand(): Command {
  return new Command("status")
    .description(
      "Show every environment on the engine: owner, services, health, ports. Changes nothing.",
    )
    .option("--json", "print the result as JSON")
    .action(status);
}

async function status(options: { readonly json?: boolean }): Promise<void> {
  const { EnvironmentManager } = await import("@real-services/core");
  const environments = await new EnvironmentManager().listEnvironments();
  printResult(options.json === true, { environments }, () =>
    environments.length === 0 ? ["There is no environment."] : environments.flatMap(render),
  );
}

function render(environment: EnvironmentSummary, index: number): string[] {
  const { name, kind, owner, orphan, createdAt, services } = environment;
  return [
    ...(index === 0 ? [] : [""]),
    `${name}  ${kind}, ${ms(Math.max(0, Date.now() - Date.parse(createdAt)))} old`,
    `  owner: ${owner.description}, ${owner.liveness}${orphan ? "; an orphan, `docker-manual clean` removes it" : ""}`,
    ...columns(
      services.map((service) => [
        `  ${service.name}`,
        service.status,
        service.health,
        service.ports
          .map(({ host, port, containerPort }) => `${host}:${port}->${containerPort}`)
          .join(" "),
      ]),
    ),
  ];
}

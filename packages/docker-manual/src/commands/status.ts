import type { EnvironmentSummary } from "@real-services/core";
import { Command } from "commander";
import { columns, prose } from "../columns.ts";
import { printResult } from "../output.ts";
import { count, formatAge } from "../units.ts";
import { watch } from "../watch.ts";

interface StatusOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
}

export function statusCommand(): Command {
  return new Command("status")
    .description(
      "Show every environment on the engine: owner, services with state, health, ports, uptime and restarts. Changes nothing.",
    )
    .argument("[name]", "only those whose names begin so")
    .option("--watch", "look again and again, until Ctrl-C")
    .option("--json", "print the result as JSON")
    .action(status);
}

async function status(name: string | undefined, options: StatusOptions): Promise<void> {
  const { EnvironmentManager } = await import("@real-services/core");
  const manager = new EnvironmentManager();
  const look = async (): Promise<readonly EnvironmentSummary[]> => {
    const all = await manager.listEnvironments();
    return all.filter((environment) => environment.name.startsWith(name ?? ""));
  };
  if (options.watch === true && options.json !== true)
    return watch(async () => render(await look()));
  const environments = await look();
  printResult(options.json === true, { environments }, () => render(environments));
}

function render(environments: readonly EnvironmentSummary[]): string[] {
  return environments.length === 0 ? ["There is no environment."] : environments.flatMap(renderOne);
}

function renderOne(environment: EnvironmentSummary, index: number): string[] {
  const { name, kind, owner, orphan, createdAt, services } = environment;
  return [
    ...(index === 0 ? [] : [""]),
    ...columns([[name, `${kind}, ${formatAge(createdAt)} old`]]),
    ...prose(
      `  owner: ${owner.description}, ${owner.liveness}${orphan ? "; an orphan, `docker-manual clean` removes it" : ""}`,
    ),
    ...columns(
      services.map((service) => [
        `  ${service.name}`,
        service.status,
        service.health,
        service.startedAt === null ? "" : `up ${formatAge(service.startedAt)}`,
        service.restarts === 0 ? "" : count(service.restarts, "restart"),
        service.ports
          .map(({ host, port, containerPort }) => `${host}:${port}->${containerPort}`)
          .join(" "),
      ]),
    ),
  ];
}

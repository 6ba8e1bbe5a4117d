import type { EnvironmentSummary } from "@real-services/core";
import { Command } from "commander";
import { columns, prose } from "../columns.ts";
import { printResult } from "../output.ts";
import { count, formatAge } from "../units.ts";
import { withWaiting } from "../waiting.ts";
import { watch } from "../watch.ts";

interface StatusOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
}

interface Status {
  readonly environments: readonly EnvironmentSummary[];
}

export function statusCommand(): Command {
  return new Command("status")
    .description(
      "Show every environment on the engine: owner, services with state, health, ports, uptime and restarts. Changes nothing.",
    )
    .argument("[name]", "only those whose names begin so")
    .option("--watch", "look again and again, until Ctrl-C; with --json a document a line")
    .option("--json", "print the result as JSON")
    .action(status);
}

async function status(name: string | undefined, options: StatusOptions): Promise<void> {
  const { EnvironmentManager, unknownEnvironment } = await import("@real-services/core");
  const manager = new EnvironmentManager();
  const isJson = options.json === true;
  const look = async (): Promise<Status> => {
    const all = await manager.listEnvironments();
    const environments =
      name === undefined ? all : all.filter((one) => name !== "" && one.name.startsWith(name));
    // One that is watched may still come.
    if (name !== undefined && environments.length === 0 && options.watch !== true) {
      throw unknownEnvironment(
        name,
        all.map((one) => one.name),
      );
    }
    return { environments };
  };
  if (options.watch === true) return watch(isJson, look, render);
  const result = await withWaiting("looking", look);
  printResult(isJson, result, () => render(result));
}

function render({ environments }: Status): string[] {
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

import type { ContainerView, ServiceAccount } from "@real-services/core";
import { Command } from "commander";
import { columns, prose } from "../columns.ts";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { printResult } from "../output.ts";
import { formatAge, formatBytes } from "../units.ts";

export function inspectCommand(): Command {
  return new Command("inspect")
    .description(
      "Show how a service ended, its last health checks, its mounts and networks, and who waits for whom. Changes nothing.",
    )
    .argument("<service>")
    .addOption(environmentOption())
    .option("--json", "print the result as JSON")
    .action(inspect);
}

async function inspect(
  service: string,
  options: EnvironmentChoice & { readonly json?: boolean },
): Promise<void> {
  const { found } = await openEnvironment(options.environment);
  const account = await found.service(service);
  printResult(options.json === true, account, () => render(account));
}

function render(account: ServiceAccount): string[] {
  const { name, image, status, health, waitsFor, waitedForBy, containers } = account;
  const waits = waitsFor.map(
    (one) => `${one.service} (${one.condition.replace("service_", "").replaceAll("_", " ")})`,
  );
  return [
    ...columns([[name, image, `${status}, ${health}`]]),
    ...(waits.length === 0 ? [] : prose(`  waits for: ${waits.join(", ")}`)),
    ...(waitedForBy.length === 0 ? [] : prose(`  waited for by: ${waitedForBy.join(", ")}`)),
    ...containers.flatMap((container) => ["", ...renderContainer(container)]),
  ];
}

function renderContainer(container: ContainerView): string[] {
  const { exitCode, oomKilled, restartCount, memoryLimit, startedAt, finishedAt } = container;
  const rows = [
    ["state", container.state],
    ...(startedAt === null ? [] : [["started", `${formatAge(startedAt)} ago`]]),
    ...(finishedAt === null ? [] : [["ended", `${formatAge(finishedAt)} ago`]]),
    ...(exitCode === null ? [] : [["exit code", String(exitCode)]]),
    ["out of memory", oomKilled ? "yes" : "no"],
    ["restarts", String(restartCount)],
    ["memory limit", memoryLimit === null ? "none" : formatBytes(memoryLimit)],
    ...container.mounts.map(({ type, source, target, writable }) => [
      "mount",
      `${target} from ${type} ${source}${writable ? "" : ", read-only"}`,
    ]),
    ...Object.entries(container.networks).map(([network, address]) => [
      "network",
      `${network}${address === "" ? "" : ` ${address}`}`,
    ]),
    ...container.healthChecks.map(({ at, exitCode: code, output }) => [
      "health check",
      `${formatAge(at)} ago: exit code ${code}${output === "" ? "" : `, ${output}`}`,
    ]),
  ];
  return [
    `  ${container.name}`,
    ...columns(rows.map(([key = "", value = ""]) => [`    ${key}`, value])),
  ];
}

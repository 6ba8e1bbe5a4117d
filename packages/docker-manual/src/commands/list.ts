import { Command } from "commander";
import { columns } from "../columns.ts";
import { printResult } from "../output.ts";
import { formatAge } from "../units.ts";
import { withWaiting } from "../waiting.ts";

export function listCommand(): Command {
  return new Command("list")
    .description("List the environments on the engine, one a line. Changes nothing.")
    .option("-q, --quiet", "only their names")
    .option("--json", "print the result as JSON, as `status` does")
    .action(list);
}

async function list(options: { readonly quiet?: boolean; readonly json?: boolean }): Promise<void> {
  const { EnvironmentManager } = await import("@real-services/core");
  const environments = await withWaiting("looking", () =>
    new EnvironmentManager().listEnvironments(),
  );
  printResult(options.json === true, { environments }, () => {
    if (options.quiet === true) return environments.map(({ name }) => name);
    if (environments.length === 0) return ["There is no environment."];
    return columns(
      environments.map(({ name, kind, createdAt, owner, orphan, services }) => [
        name,
        kind,
        `${formatAge(createdAt)} old`,
        `${services.filter(({ health }) => health === "HEALTHY").length}/${services.length} healthy`,
        orphan
          ? `orphan of ${owner.kind === "lease" ? "a " : ""}${owner.description}`
          : owner.description,
      ]),
    );
  });
}

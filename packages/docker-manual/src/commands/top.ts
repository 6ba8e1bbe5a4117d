import { Command } from "commander";
import { columns } from "../columns.ts";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { printResult } from "../output.ts";

export function topCommand(): Command {
  return new Command("top")
    .description("Show the processes inside a service. Changes nothing.")
    .argument("<service>")
    .addOption(environmentOption())
    .option("--json", "print the result as JSON")
    .action(top);
}

async function top(
  service: string,
  options: EnvironmentChoice & { readonly json?: boolean },
): Promise<void> {
  const { found } = await openEnvironment(options.environment);
  const processes = await found.processes(service);
  printResult(options.json === true, { environment: found.name, service, processes }, () =>
    columns(
      processes.map(({ pid, user, time, command }) => [String(pid), user, time, command]),
      { header: ["PID", "USER", "TIME", "COMMAND"] },
    ),
  );
}

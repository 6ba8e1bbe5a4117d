import { Command } from "commander";
import { printResult } from "../output.ts";

interface StopOptions {
  readonly force?: boolean;
  readonly json?: boolean;
}

export function stopCommand(): Command {
  return new Command("stop")
    .description("Remove an environment with its containers, networks and volumes.")
    .argument("[name]", "its name; may be left out when there is only one")
    .option("--force", "even when the process that owns it is alive")
    .option("--json", "print the result as JSON")
    .action(stop);
}

async function stop(given: string | undefined, options: StopOptions): Promise<void> {
  const { EnvironmentManager } = await import("@real-services/core");
  const manager = new EnvironmentManager();
  const name = given ?? (await onlyEnvironment(manager));
  await manager.releaseEnvironment(name, { force: options.force === true });
  printResult(options.json === true, { stopped: name }, () => [`stopped ${name}`]);
}

async function onlyEnvironment(manager: {
  listEnvironments(): Promise<readonly { readonly name: string }[]>;
}): Promise<string> {
  const names = (await manager.listEnvironments()).map((environment) => environment.name);
  const [only, ...others] = names;
  const { RealServicesError } = await import("@real-services/core");
  if (only === undefined) {
    throw new RealServicesError("REAL_SERVICES_UNKNOWN_ENVIRONMENT", "There is no environment.", {
      hint: "`npx docker-manual start` begins one.",
    });
  }
  if (others.length === 0) return only;
  throw new RealServicesError(
    "REAL_SERVICES_AMBIGUOUS_ENVIRONMENT",
    `There are ${names.length} environments: ${names.join(", ")}.`,
    { received: names, hint: "Name one: `npx docker-manual stop NAME`." },
  );
}

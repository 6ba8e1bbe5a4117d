import { Command } from "commander";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { attachment, runDocker } from "../run-docker.ts";

export function connectCommand(): Command {
  return new Command("connect")
    .description(
      "Open a service's own client in it, with its credentials: psql, redis-cli, clickhouse-client, mysql.",
    )
    .argument("<service>")
    .argument("[arguments...]", "for the client, such as -c 'select 1'")
    .addOption(environmentOption())
    .passThroughOptions()
    .action(connect);
}

async function connect(service: string, args: string[], options: EnvironmentChoice): Promise<void> {
  const { manager, found } = await openEnvironment(options.environment);
  const client = await found.client(service);
  const env = await manager.engineVariables();
  // By name alone: the CLI takes the value from its own variables, no list of processes shows it.
  const names = Object.keys(client.env).flatMap((name) => ["-e", name]);
  await runDocker(
    ["exec", ...attachment(), ...names, client.container, ...client.command, ...args],
    { ...env, ...client.env },
  );
}

import { Command } from "commander";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { refuseTerminal, runInside, withoutSeparator } from "../run-inside.ts";

interface ConnectOptions extends EnvironmentChoice {
  readonly json?: boolean;
}

export function connectCommand(): Command {
  return new Command("connect")
    .description(
      "Open a service's own client in it, with its credentials: psql, redis-cli, clickhouse-client, mysql. Changes what you change with it.",
    )
    .argument("<service>")
    .argument("[arguments...]", "for the client, such as -c 'select 1'")
    .addOption(environmentOption())
    .option("--json", "print { exitCode, stdout, stderr }")
    .passThroughOptions()
    .action(connect);
}

async function connect(service: string, args: string[], options: ConnectOptions): Promise<void> {
  const isJson = options.json === true;
  if (isJson && args.length === 0) await refuseTerminal();
  const { manager, found } = await openEnvironment(options.environment);
  const { container, command, env } = await found.client(service);
  const engine = await manager.engineVariables();
  await runInside({
    container,
    command: [...command, ...withoutSeparator(args)],
    engine,
    env,
    isJson,
  });
}

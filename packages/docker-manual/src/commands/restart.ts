import type { OperationOptions } from "@real-services/core";
import { Command, InvalidArgumentError } from "commander";
import { columns } from "../columns.ts";
import { durationOption } from "../duration-argument.ts";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { interruption } from "../interruption.ts";
import { openEnvironment } from "../open-environment.ts";
import { printResult } from "../output.ts";
import { withProgress } from "../with-progress.ts";

interface RestartOptions extends EnvironmentChoice {
  readonly services?: readonly string[];
  readonly timeout: number;
  readonly recover?: boolean;
  readonly json?: boolean;
}

const common = (command: Command): Command =>
  command
    .addOption(environmentOption())
    .option("--services <names>", "only these, such as postgres,redis", names)
    .addOption(durationOption("--timeout <duration>", "longest time until they are ready", "1m"))
    .option("--json", "print the result as JSON");

export function restartCommand(): Command {
  return common(
    new Command("restart").description(
      "Stop services with their own grace, start them on the same ports, and wait until they are ready.",
    ),
  )
    .option("--recover", "restart, else recreate, else reset the network, else clean: until ready")
    .action(restart);
}

export function recreateCommand(): Command {
  return common(
    new Command("recreate").description(
      "Replace the containers of services by new ones of the same definition. Their anonymous volumes are new.",
    ),
  ).action((options: RestartOptions) => again(options, "recreate"));
}

async function restart(options: RestartOptions): Promise<void> {
  if (options.recover !== true) return again(options, "restart");
  const { manager, found } = await openEnvironment(options.environment);
  const all = (await found.services()).map(({ name }) => name);
  const services = options.services ?? all;
  const reports = await interruptibly(options.timeout, (operation) =>
    withProgress(manager, async () => {
      const done = [];
      for (const service of services) done.push(await found.recover(service, operation));
      return done;
    }),
  );
  printResult(options.json === true, { environment: found.name, services: reports }, () =>
    columns(
      reports.map(({ service, helped, failed }) => [
        service,
        `ready after: ${helped}`,
        failed.map(({ step }) => `${step} did not help`).join("; "),
      ]),
    ),
  );
}

async function again(options: RestartOptions, how: "restart" | "recreate"): Promise<void> {
  const { manager, found } = await openEnvironment(options.environment);
  const services = options.services ?? [];
  const restarted = await interruptibly(options.timeout, (operation) =>
    withProgress(manager, () => found[how](services, operation)),
  );
  const ports = Object.values(await found.connections()).map(({ name, host, port }) => ({
    name,
    address: port === undefined ? null : `${host}:${port}`,
  }));
  const chosen = ports.filter(({ name }) => restarted.includes(name));
  printResult(options.json === true, { environment: found.name, services: chosen }, () =>
    columns(chosen.map(({ name, address }) => [name, "ready", address ?? "publishes no port"])),
  );
}

async function interruptibly<T>(
  timeoutMs: number,
  work: (operation: OperationOptions) => Promise<T>,
): Promise<T> {
  const { signal, end } = interruption();
  try {
    return await work({ timeoutMs, signal });
  } finally {
    end();
  }
}

function names(text: string): string[] {
  const list = text.split(",").map((name) => name.trim());
  if (list.some((name) => name === "")) {
    throw new InvalidArgumentError(
      "Expected names with commas between them, such as postgres,redis.",
    );
  }
  return list;
}

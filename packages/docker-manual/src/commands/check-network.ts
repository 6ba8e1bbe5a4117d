import { Command, InvalidArgumentError } from "commander";
import { columns, prose } from "../columns.ts";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { printResult } from "../output.ts";
import { withWaiting } from "../waiting.ts";

interface CheckOptions extends EnvironmentChoice {
  readonly port?: number;
  readonly json?: boolean;
}

export function checkNetworkCommand(): Command {
  return new Command("check-network")
    .description(
      "From inside one service: does the other's name resolve, is it reached, do its ports open; and where it breaks. Changes nothing.",
    )
    .argument("<from>", "the service that asks")
    .argument("<to>", "the service that is to answer")
    .addOption(environmentOption())
    .option("--port <port>", "this port instead of all that the other names", portNumber)
    .option("--json", "print the result as JSON")
    .action(checkNetwork);
}

async function checkNetwork(from: string, to: string, options: CheckOptions): Promise<void> {
  const { found } = await openEnvironment(options.environment);
  const check = await withWaiting("checking", () => found.checkNetwork(from, to, options.port));
  printResult(options.json === true, check, () => [
    ...columns(check.steps.map(({ step, ok, detail }) => [ok ? "ok" : "FAILED", step, detail])),
    ...prose(
      check.breaksAt === undefined ? `${from} can use ${to}.` : `It breaks at: ${check.breaksAt}.`,
    ),
  ]);
  if (check.breaksAt !== undefined) process.exitCode = 1;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError("Expected a port from 1 to 65535.");
  }
  return port;
}

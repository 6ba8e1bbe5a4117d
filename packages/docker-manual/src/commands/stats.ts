import type { FoundEnvironment, Usage } from "@real-services/core";
import { Command } from "commander";
import { columns } from "../columns.ts";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { openEnvironment } from "../open-environment.ts";
import { printResult } from "../output.ts";
import { formatBytes } from "../units.ts";
import { withWaiting } from "../waiting.ts";
import { watch } from "../watch.ts";

export function statsCommand(): Command {
  return new Command("stats")
    .description("Show processor, memory, network and disk use by service. Changes nothing.")
    .addOption(environmentOption())
    .option("--watch", "look again and again, until Ctrl-C; with --json a document a line")
    .option("--json", "print the result as JSON")
    .action(stats);
}

async function stats(
  options: EnvironmentChoice & { readonly watch?: boolean; readonly json?: boolean },
): Promise<void> {
  const { found } = await openEnvironment(options.environment);
  const isJson = options.json === true;
  const look = async () => ({ environment: found.name, usage: await sorted(found) });
  if (options.watch === true) return watch(isJson, look, render);
  const result = await withWaiting("measuring", look);
  printResult(isJson, result, () => render(result));
}

async function sorted(found: FoundEnvironment): Promise<readonly Usage[]> {
  return (await found.usage()).toSorted((a, b) => a.container.localeCompare(b.container));
}

function render({ usage }: { readonly usage: readonly Usage[] }): string[] {
  const header = ["SERVICE", "CPU", "MEMORY", "OF LIMIT", "NET IN", "NET OUT", "READ", "WRITTEN"];
  return columns(
    usage.map((one) => [
      one.service,
      `${(one.cpu * 100).toFixed(1)} %`,
      formatBytes(one.memoryBytes),
      one.memoryLimit === undefined
        ? "-"
        : `${Math.round((one.memoryBytes / one.memoryLimit) * 100)} %`,
      formatBytes(one.receivedBytes),
      formatBytes(one.sentBytes),
      formatBytes(one.readBytes),
      formatBytes(one.writtenBytes),
    ]),
    { header },
  );
}

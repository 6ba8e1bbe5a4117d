import { Command, Option } from "commander";
import { type GraphFormat, renderGraph } from "../graph/render.ts";
import { printResult } from "../output.ts";
import { repeated } from "../repeated.ts";

interface GraphOptions {
  readonly file?: string[];
  readonly profile?: string[];
  readonly format: GraphFormat;
  readonly json?: boolean;
}

export function graphCommand(): Command {
  return new Command("graph")
    .description(
      "Show who waits for whom, and when each was ready at the last start. Changes nothing, needs no engine.",
    )
    .option("-f, --file <file>", "compose file; may be given again, in order", repeated)
    .option("--profile <profile>", "Compose profile to switch on; may be given again", repeated)
    .addOption(
      new Option("--format <format>", "how to show it")
        .choices(["text", "mermaid", "svg"])
        .default("text"),
    )
    .option("--json", "print the result as JSON")
    .action(graph);
}

async function graph(options: GraphOptions): Promise<void> {
  const { EnvironmentManager } = await import("@real-services/core");
  const stack = await new EnvironmentManager().resolveStack({
    ...(options.file === undefined ? {} : { compose: options.file }),
    ...(options.profile === undefined ? {} : { profiles: options.profile }),
  });
  printResult(options.json === true, stack, () => renderGraph(stack, options.format));
}

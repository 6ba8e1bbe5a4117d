import { Command, InvalidArgumentError } from "commander";
import { printResult } from "../output.ts";
import { categoryFlags } from "../test/category-flags.ts";
import { findLauncher, launch } from "../test/launcher.ts";
import { runShards } from "../test/run-shards.ts";

interface TestOptions {
  readonly parallel?: number;
  readonly categories?: readonly string[];
  readonly json?: boolean;
}

export function testCommand(): Command {
  return new Command("test")
    .description(
      "Run the tests of the project with real services. Arguments go to Vitest. What it starts, it removes at the end; logs stay in the project.",
    )
    .argument("[vitest arguments...]", "such as file filters, -t NAME, --shard=1/2, --watch")
    .option(
      "--parallel <shards>",
      "so many shards at once, each in its environment; their reports are merged",
      shardCount,
    )
    .option("--categories <names>", "only these projects of Vitest, or tests with these tags", list)
    .option("--json", "print { exitCode } on stdout, and Vitest's output on stderr")
    .allowUnknownOption()
    .passThroughOptions()
    .action(test);
}

async function test(given: string[], options: TestOptions): Promise<void> {
  const isJson = options.json === true;
  const launcher = await findLauncher();
  const categories = options.categories ?? [];
  const args = [
    ...(categories.length === 0 ? [] : await categoryFlags(launcher, categories, given)),
    ...given,
  ];
  const exitCode =
    options.parallel === undefined
      ? await runOnce(launcher, args, isJson)
      : await runShards(launcher, args, options.parallel, isJson);
  if (isJson) printResult(true, { exitCode }, () => []);
  process.exitCode = exitCode;
}

async function runOnce(
  launcher: string,
  args: readonly string[],
  isJson: boolean,
): Promise<number> {
  const mode = args.includes("--watch") || args.includes("-w") ? [] : ["run"];
  const child = launch(launcher, [...mode, "--real-services", ...args], {
    stdio: ["inherit", isJson ? 2 : "inherit", "inherit"],
  });
  const { exitCode, signal } = await child.ended;
  if (signal !== null && !isJson) process.kill(process.pid, signal);
  return exitCode ?? 1;
}

function shardCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 64) {
    throw new InvalidArgumentError("Expected a number of shards from 1 to 64.");
  }
  return count;
}

function list(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.some((name) => name === "")) {
    throw new InvalidArgumentError("Expected names with commas between them, such as api,slow.");
  }
  return names;
}

import type { LogLine } from "@real-services/core";
import { isAtLeast, type LogLevel, parseLine } from "@real-services/core/logs";
import { Command, InvalidArgumentError, Option } from "commander";
import { durationArgument } from "../duration-argument.ts";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { interruption } from "../interruption.ts";
import { openEnvironment } from "../open-environment.ts";

interface LogsOptions extends EnvironmentChoice {
  readonly follow?: boolean;
  readonly tail?: number;
  readonly timestamps?: boolean;
  readonly since?: number;
  readonly grep?: RegExp;
  readonly level?: LogLevel;
  readonly json?: boolean;
}

const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "fatal"];

export function logsCommand(): Command {
  return new Command("logs")
    .description("Show what services wrote, in the order of time. Changes nothing.")
    .argument("[service...]", "only these")
    .addOption(environmentOption())
    .option("-f, --follow", "go on with what is written from now on")
    .option("--tail <lines>", "so many lines of each container at most", lineCount)
    .option("--timestamps", "with the engine's time of each line")
    .option("--since <duration>", "only of the last 10m, 1h, …", durationArgument)
    .option("--grep <pattern>", "only lines that match this regular expression", pattern)
    .addOption(
      new Option("--level <level>", "only lines of at least this level").choices([...LEVELS]),
    )
    .option("--json", "print each line as a JSON object")
    .action(logs);
}

async function logs(services: string[], options: LogsOptions): Promise<void> {
  const { found } = await openEnvironment(options.environment);
  const { signal, end } = interruption();
  try {
    const lines = await found.logs(services, {
      follow: options.follow === true,
      signal,
      ...(options.tail === undefined ? {} : { tail: options.tail }),
      ...(options.since === undefined ? {} : { sinceMs: Date.now() - options.since }),
    });
    const width = Math.max(0, ...(await found.services()).map(({ name }) => name.length));
    for await (const line of lines) {
      if (!isWanted(line, options)) continue;
      process.stdout.write(
        `${options.json === true ? JSON.stringify(line) : render(line, width, options)}\n`,
      );
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    end();
  }
}

function isWanted({ text }: LogLine, { grep, level }: LogsOptions): boolean {
  if (grep !== undefined && !grep.test(text)) return false;
  return level === undefined || isAtLeast(parseLine(text).level, level);
}

function render(line: LogLine, width: number, { timestamps }: LogsOptions): string {
  const name = line.replica === 1 ? line.service : `${line.service}#${line.replica}`;
  const time = timestamps === true ? `${line.timestamp} ` : "";
  return `${name.padEnd(width)} | ${time}${line.text}`;
}

function lineCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Expected a number of lines.");
  return Number(text);
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, "i");
  } catch {
    throw new InvalidArgumentError("Expected a regular expression.");
  }
}

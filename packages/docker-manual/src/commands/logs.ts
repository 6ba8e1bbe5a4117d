import { resolve } from "node:path";
import type { LogLine } from "@real-services/core";
import { isAtLeast, type LogLevel, parseLine } from "@real-services/core/logs";
import { Command, InvalidArgumentError, Option } from "commander";
import { durationArgument } from "../duration-argument.ts";
import { type EnvironmentChoice, environmentOption } from "../environment-choice.ts";
import { LOG_FOLDER } from "../log-folder.ts";
import { openEnvironment } from "../open-environment.ts";
import { type PastLogs, readPastLogs } from "../past-logs.ts";

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
    .description(
      "Show what services wrote, in the order of time; of an environment that is gone, what was captured in this project. Changes nothing.",
    )
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
  const past = await pastLogs(services, options);
  if (past !== undefined) {
    return show(past.lines, [...past.services, ...past.lines.map(labelOf)], options);
  }
  const { found } = await openEnvironment(options.environment);
  const lines = await found.logs(services, {
    follow: options.follow === true,
    ...(options.tail === undefined ? {} : { tail: options.tail }),
    ...(options.since === undefined ? {} : { sinceMs: Date.now() - options.since }),
  });
  const labels = (await found.services()).flatMap(({ name: service, containers }) =>
    containers.map((_, index) => labelOf({ service, replica: index + 1 })),
  );
  await show(lines, labels, options);
}

/** Of an environment that is named and gone; where no engine answers, of a run that is over. */
async function pastLogs(
  services: readonly string[],
  { environment, tail, since }: LogsOptions,
): Promise<PastLogs | undefined> {
  if (environment === undefined) return undefined;
  const { EnvironmentManager, RealServicesError } = await import("@real-services/core");
  const present = await new EnvironmentManager().listEnvironments().catch((error: unknown) => {
    const isMissing =
      error instanceof RealServicesError && error.code === "REAL_SERVICES_NO_ENGINE";
    if (isMissing) return undefined;
    throw error;
  });
  if (present?.some(({ name }) => name.startsWith(environment))) return undefined;
  return readPastLogs(resolve(LOG_FOLDER), environment, {
    services,
    present: present === undefined ? undefined : new Set(present.map(({ id }) => id)),
    sinceMs: since === undefined ? 0 : Date.now() - since,
    tail: tail ?? Number.POSITIVE_INFINITY,
  });
}

async function show(
  lines: AsyncIterable<LogLine> | readonly LogLine[],
  labels: readonly string[],
  options: LogsOptions,
): Promise<void> {
  const width = labels.reduce((widest, { length }) => Math.max(widest, length), 0);
  for await (const line of lines) {
    if (!isWanted(line.text, options)) continue;
    const text = options.json === true ? JSON.stringify(line) : render(line, width, options);
    process.stdout.write(`${text}\n`);
  }
}

function isWanted(text: string, { grep, level }: LogsOptions): boolean {
  if (grep !== undefined && !grep.test(text)) return false;
  return level === undefined || isAtLeast(parseLine(text).level, level);
}

function render(line: LogLine, width: number, { timestamps }: LogsOptions): string {
  const time = timestamps === true ? `${line.timestamp} ` : "";
  return `${labelOf(line).padEnd(width)} | ${time}${line.text}`;
}

function labelOf({ service, replica }: Pick<LogLine, "service" | "replica">): string {
  return replica === 1 ? service : `${service}#${replica}`;
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

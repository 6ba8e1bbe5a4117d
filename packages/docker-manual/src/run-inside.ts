import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { text } from "node:stream/consumers";
import { onSignal } from "./interruption.ts";
import { printResult } from "./output.ts";

interface Inside {
  readonly container: string;
  readonly command: readonly string[];
  /** By which the CLI finds the engine. */
  readonly engine: Readonly<Record<string, string>>;
  /** Given to the command. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its output and its exit code as one document, instead of on this terminal. */
  readonly isJson: boolean;
}

/**
 * A command in a container, by the docker CLI on this terminal: it knows raw mode, sizes and signals.
 * The exit code becomes ours.
 */
export async function runInside({
  container,
  command,
  engine,
  env = {},
  isJson,
}: Inside): Promise<void> {
  // By name alone: the CLI takes the value from its own variables, no list of processes shows it.
  const names = Object.keys(env).flatMap((name) => ["-e", name]);
  const isTerminal = !isJson && process.stdin.isTTY && process.stdout.isTTY;
  const args = ["exec", ...(isTerminal ? ["-i", "-t"] : ["-i"]), ...names, container, ...command];
  const output = isJson ? "pipe" : "inherit";
  const child = spawn("docker", args, {
    stdio: ["inherit", output, output],
    env: { ...process.env, ...engine, ...env },
  });
  const read = Promise.all([child.stdout, child.stderr].map((stream) => stream && text(stream)));
  // On a terminal Ctrl-C is a key for what runs inside. Elsewhere the CLI leaves that behind.
  let interrupted: number | undefined;
  const end = onSignal((signal, exitCode) => {
    interrupted = exitCode;
    child.kill(signal);
  });
  try {
    await once(child, "exit");
  } finally {
    end();
  }
  const { signalCode } = child;
  const [stdout, stderr] = await read;
  // The CLI itself may call that a success.
  const byItself =
    signalCode === null ? (child.exitCode ?? 1) : 128 + constants.signals[signalCode];
  const exitCode = interrupted ?? byItself;
  if (isJson) printResult(true, { exitCode, stdout, stderr }, () => []);
  process.exitCode = exitCode;
}

/** Throws where a person would type blindly: what is said inside is kept for the document. */
export async function refuseTerminal(): Promise<void> {
  if (!process.stdin.isTTY) return;
  const { RealServicesError } = await import("@real-services/core");
  throw new RealServicesError(
    "REAL_SERVICES_INVALID_OPTION",
    "At a terminal it has no result that could be printed as JSON.",
    { hint: "Leave `--json` out, or give it commands on its standard input." },
  );
}

/** What somebody has put behind a `--`, which nothing inside is to see. */
export function withoutSeparator(words: readonly string[]): readonly string[] {
  return words[0] === "--" ? words.slice(1) : words;
}

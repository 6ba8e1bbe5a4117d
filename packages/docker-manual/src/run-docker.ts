import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { onSignal } from "./interruption.ts";

/**
 * The docker CLI on this terminal, with arguments as they are: it knows raw mode, sizes and signals.
 * The exit code becomes ours.
 */
export async function runDocker(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn("docker", [...args], { stdio: "inherit", env: { ...process.env, ...env } });
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
  const { signalCode, exitCode } = child;
  // The CLI itself may call that a success.
  const byItself = signalCode === null ? (exitCode ?? 1) : 128 + constants.signals[signalCode];
  process.exitCode = interrupted ?? byItself;
}

/** `-it` on a terminal, else only input that is not one. */
export function attachment(): readonly string[] {
  return process.stdin.isTTY && process.stdout.isTTY ? ["-i", "-t"] : ["-i"];
}

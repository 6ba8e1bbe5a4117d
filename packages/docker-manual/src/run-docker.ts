import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

/**
 * The docker CLI on this terminal, with arguments as they are: it knows raw mode, sizes and signals.
 * The exit code becomes ours.
 */
export async function runDocker(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn("docker", [...args], { stdio: "inherit", env: { ...process.env, ...env } });
  // Ctrl-C is for what runs inside.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  try {
    await once(child, "exit");
  } finally {
    process.off("SIGINT", ignore);
  }
  const { signalCode, exitCode } = child;
  process.exitCode = signalCode === null ? (exitCode ?? 1) : 128 + constants.signals[signalCode];
}

/** `-it` on a terminal, else only input that is not one. */
export function attachment(): readonly string[] {
  return process.stdin.isTTY && process.stdout.isTTY ? ["-i", "-t"] : ["-i"];
}

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { SetupError } from "./report.js";

/** Children that still run: an interrupted set-up takes them along. */
const running = new Set();

/** A command that could not start, failed, or ran out of time; its output comes along. */
export class CommandError extends SetupError {
  constructor(command, reason, output, cause) {
    const tail = output.trimEnd().split("\n").slice(-12).join("\n");
    super(`\`${command.join(" ")}\` ${reason}${tail ? `\n${tail}` : ""}`, { cause });
  }
}

/**
 * Runs a command without a shell and resolves to its trimmed standard output.
 *
 * @param {string[]} command the program and its arguments
 * @param {{ cwd?: string, env?: object, timeoutMs?: number, stdin?: import("node:stream").Readable }} [options]
 */
export async function run(command, { cwd, env, timeoutMs, stdin } = {}) {
  const child = start(command, { cwd, env, stdio: [stdin ? "pipe" : "ignore", "pipe", "pipe"] });
  let stdout = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  if (stdin) {
    // The reader may end first; its exit code tells why, EPIPE would not.
    child.stdin.on("error", () => {});
    stdin.pipe(child.stdin);
  }
  let timedOut = false;
  const timer =
    timeoutMs &&
    setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, timeoutMs);
  try {
    const { code, signal } = await ended(child, command);
    if (timedOut) throw new CommandError(command, `took longer than ${timeoutMs / 1000} s`, output);
    if (code !== 0) throw new CommandError(command, `ended with ${signal ?? code}`, output);
    return stdout.trim();
  } finally {
    clearTimeout(timer);
  }
}

/** Like `run`, but a failure of any kind becomes `undefined`. */
export async function tryRun(command, options) {
  try {
    return await run(command, options);
  } catch {
    return undefined;
  }
}

/** Pipes the first command's output into the second, as a shell's `|` with `pipefail`. */
export async function pipe(from, to) {
  const source = start(from, { stdio: ["ignore", "pipe", "inherit"] });
  const [result, { code, signal }] = await Promise.all([
    run(to, { stdin: source.stdout }),
    ended(source, from),
  ]);
  if (code !== 0) throw new CommandError(from, `ended with ${signal ?? code}`, "");
  return result;
}

function start([program, ...args], { env, ...options }) {
  const child = spawn(program, args, { ...options, env: { ...process.env, ...env } });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

function ended(child, command) {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => {
      running.delete(child);
      reject(new CommandError(command, `did not start: ${cause.message}`, "", cause));
    });
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

/** Ctrl+C reaches the children of a terminal by itself; a SIGTERM to us alone does not. */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    process.exit(128 + constants.signals[signal]);
  });
}

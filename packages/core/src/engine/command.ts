import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of its variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Given to it on its standard input. */
  readonly input: string;
}

export interface CommandEnd {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it could not be started. */
  readonly error: NodeJS.ErrnoException | undefined;
}

/** Nobody else would end them: Ctrl-C does not reach their groups. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) killGroup(child);
});

/** With all that it spawned. */
export function killGroup({ pid }: Pick<ChildProcess, "pid">): void {
  try {
    if (pid !== undefined) process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It ended by itself in this very moment.
  }
}

/**
 * Starts a program without a shell, in a process group of its own: Ctrl-C is ours to handle, and
 * what it spawned can be killed with it, as it is when this process ends first. By hand, because it
 * is in the way of every start: loading execa takes as long as Compose needs to answer.
 */
export function startCommand({ program, args, cwd, env, input }: Command): {
  readonly child: ChildProcessWithoutNullStreams;
  /** Never rejects. */
  readonly ended: Promise<CommandEnd>;
} {
  const detached = process.platform !== "win32";
  const child = spawn(program, [...args], { cwd, env, detached, windowsHide: true });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // It may end without having read everything.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const { promise, resolve } = Promise.withResolvers<CommandEnd>();
  running.add(child);
  const finish = (failed: boolean, error?: Error) => {
    running.delete(child);
    resolve({ failed, stdout: stdout(), stderr: stderr(), error });
  };
  child.once("error", (error) => finish(true, error));
  child.once("close", (code) => finish(code !== 0));
  return { child, ended: promise };
}

/** Reads a stream to its end; returns what gives the text so far. */
function collect(stream: NodeJS.ReadableStream): () => string {
  const parts: string[] = [];
  stream.setEncoding("utf8");
  stream.on("data", (part: string) => parts.push(part));
  return () => parts.join("");
}

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** ASCII's own mark for the end of a record. */
export const END = "\x1e";

export interface CommandLine {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A process that runs many command lines, since its start costs more than most of them. Those that
 * are about processes themselves, signals, terminals and pipes, need one of their own.
 */
export class CommandHost implements Disposable {
  readonly #child: ChildProcess;
  readonly #died: Promise<never>;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    const stdio: ["ignore", "pipe", "pipe", "ipc"] = ["ignore", "pipe", "pipe", "ipc"];
    const worker = join(import.meta.dirname, "command-worker.ts");
    this.#child = fork(worker, { cwd, env: { ...env }, stdio, execArgv: [] });
    this.#died = once(this.#child, "exit").then((): never => {
      throw new Error("The process that runs the commands has ended.");
    });
    // In the end it is meant to.
    this.#died.catch(() => {});
  }

  /** How many command lines have not ended. */
  get waiting(): number {
    return this.#waiting;
  }

  /** One after the other. */
  run(line: CommandLine): Promise<Outcome> {
    this.#waiting += 1;
    const outcome = this.#last
      .then(() => this.#runNow(line))
      .finally(() => {
        this.#waiting -= 1;
      });
    this.#last = outcome.catch(() => {});
    return outcome;
  }

  async #runNow(line: CommandLine): Promise<Outcome> {
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error("There is nothing to read from.");
    const ended = Promise.all([
      untilMark(stdout),
      untilMark(stderr),
      new Promise<number>((resolve) => this.#child.once("message", resolve)),
    ]);
    this.#child.send(line);
    const [out, err, exitCode] = await Promise.race([ended, this.#died]);
    return { exitCode, stdout: out, stderr: err };
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }
}

async function untilMark(stream: Readable): Promise<string> {
  let text = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  const onData = (chunk: string) => {
    text += chunk;
    if (text.endsWith(END)) resolve();
  };
  stream.setEncoding("utf8").on("data", onData);
  await promise;
  stream.off("data", onData);
  return text.slice(0, -END.length).replace(/\n$/, "");
}

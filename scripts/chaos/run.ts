import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { killWatchdogOf } from "../../packages/core/test/watchdogs.ts";
import type { Death } from "./plan.ts";

const WORKER = join(import.meta.dirname, "run-worker.ts");

export interface RunOptions {
  readonly cwd: string;
  readonly name: string;
  readonly compose?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly polite?: boolean;
  readonly release?: boolean;
}

/** A run in a process group of its own. */
export class Run {
  readonly name: string;
  readonly pid: number;
  readonly lines: string[] = [];
  readonly ended: Promise<unknown>;
  readonly #child: ChildProcess;
  /** Wakes everybody who waits for a line. */
  #next = Promise.withResolvers<void>();

  constructor({ env, polite = false, release = false, ...options }: RunOptions) {
    this.name = options.name;
    const args = [WORKER, JSON.stringify(options), String(polite), release ? "release" : "stay"];
    const child = spawn(process.execPath, args, {
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
      env: { ...process.env, ...env },
    });
    this.#child = child;
    // Without one, a signal would go to this process's own group.
    if (child.pid === undefined) throw new Error(`${options.name} could not be started.`);
    this.pid = child.pid;
    this.ended = once(child, "close").finally(() => this.#wake());
    child.stdin.on("error", () => {});
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.lines.push(line);
      this.#wake();
    });
  }

  get isThere(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The first line from `after` on that begins so; undefined when the run ends without it. */
  async says(beginning: string, after = 0): Promise<string | undefined> {
    for (;;) {
      const line = this.lines.slice(after).find((text) => text.startsWith(beginning));
      if (line !== undefined || !this.isThere) return line;
      await this.#next.promise;
    }
  }

  /** Runs its tests once more. */
  async test(): Promise<string | undefined> {
    const before = this.lines.length;
    this.#child.stdin?.write("test\n");
    return this.says("tests", before);
  }

  async die(death: Death): Promise<void> {
    if (death === "exit") this.#child.stdin?.write("exit\n");
    else if (death === "SIGKILL of the group") this.#kill(-this.pid, "SIGKILL");
    else if (death === "SIGKILL of owner and watchdog") {
      // The watchdog first: it would be done before it is found.
      await killWatchdogOf(this.pid);
      this.#kill(this.pid, "SIGKILL");
    } else this.#kill(this.pid, death);
    await this.ended;
  }

  #wake(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers<void>();
  }

  #kill(pid: number, signal: NodeJS.Signals): void {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself: a point of its life that it never reached.
    }
  }
}

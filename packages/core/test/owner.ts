import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { eventually, type Scenario } from "./scenario.ts";
import { killWatchdogOf, watchdogsOf } from "./watchdogs.ts";

const WORKER = resolve(import.meta.dirname, "ending-worker.ts");

/** A process in a group of its own that has acquired the scenario's stack. */
export class Owner implements AsyncDisposable {
  readonly pid: number;
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  constructor(scenario: Scenario, way = "hold", env: Readonly<Record<string, string>> = {}) {
    const options = JSON.stringify({ cwd: scenario.folder, name: scenario.name });
    const child = spawn(process.execPath, [WORKER, options, way], {
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
      env: { ...process.env, REAL_SERVICES_STATE_DIR: `${scenario.folder}/state`, ...env },
    });
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.#closed = once(child, "close");
    createInterface({ input: child.stdout }).on("line", (line) => this.lines.push(line));
  }

  /** The rest of the line that it prints with this beginning. */
  async says(beginning: string): Promise<string> {
    const find = () => this.lines.find((line) => line.startsWith(beginning));
    return ((await eventually(find, (line) => line !== undefined, 60_000)) ?? "").slice(
      beginning.length + 1,
    );
  }

  tell(): void {
    this.#child.stdin?.write("\n");
  }

  kill(signal: NodeJS.Signals, who: "owner" | "group" = "owner"): void {
    process.kill(who === "owner" ? this.pid : -this.pid, signal);
  }

  /** It has ended, and nobody holds its output open. */
  async end(): Promise<void> {
    await this.#closed;
  }

  async watchdogEnds(): Promise<void> {
    await eventually(
      () => watchdogsOf(this.pid),
      (left) => left.length === 0,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.kill("SIGKILL");
    await this.end();
    await killWatchdogOf(this.pid);
  }
}

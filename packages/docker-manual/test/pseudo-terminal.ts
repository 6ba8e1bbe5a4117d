import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { ownEnvironment, type RunOptions, type Workshop } from "./workshop.ts";

const BIN = join(import.meta.dirname, "../bin/docker-manual.js");
export const CTRL_C = "\x03";
export const hasTerminals = process.platform === "linux" && existsSync("/usr/bin/script");

/** A `docker-manual` command at a terminal of its own, which `script` gives it. */
export class PseudoTerminal {
  readonly #process: ReturnType<typeof begin>;
  #seen = "";
  #wake = (): void => {};

  constructor(workshop: Workshop, args: readonly string[], options: RunOptions & Size = {}) {
    this.#process = begin(workshop, args, options);
    const onData = (chunk: Buffer) => {
      this.#seen += chunk;
      this.#wake();
    };
    this.#process.stdout.on("data", onData).once("end", () => this.#wake());
  }

  /** When it has come since the last one, a line or the beginning of it. It fails when the output ends. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    const { stdout } = this.#process;
    for (;;) {
      const match = pattern.exec(this.#seen);
      if (match !== null) {
        this.#seen = this.#seen.slice(match.index + match[0].length);
        return match;
      }
      if (stdout.readableEnded) throw new Error(`It ended before ${pattern}: ${this.#seen}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  type(keys: string): void {
    this.#process.stdin.write(keys);
  }

  /** Its exit code, and all that stood on the terminal. */
  async ended(): Promise<{ readonly exitCode: number | undefined; readonly text: string }> {
    const { exitCode, stdout } = await this.#process;
    return { exitCode, text: stdout.replaceAll("\r\n", "\n") };
  }
}

interface Size {
  /** @default 80 */
  readonly columns?: number;
}

function begin(
  workshop: Workshop,
  args: readonly string[],
  { env, cwd = workshop.folder, columns = 80 }: RunOptions & Size,
) {
  const words = [process.execPath, BIN, ...args].map((word) => `'${word}'`);
  const line = `stty cols ${columns} rows 24; exec ${words.join(" ")}`;
  const variables = {
    COMPOSE_PROJECT_NAME: workshop.name,
    TERM: "xterm",
    NO_COLOR: "",
  };
  return execa("script", ["-qefc", line, "/dev/null"], {
    cwd,
    extendEnv: false,
    env: { ...ownEnvironment(), ...variables, ...env },
    stdin: "pipe",
    reject: false,
  });
}

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ConsumerOptions,
  projectFolder,
  type Run,
  repository,
  startVitest,
  uniqueName,
} from "./consumer.ts";
import { removeEnvironments } from "./engine.ts";
import { followLines } from "./lines.ts";

/** A copy of the project `watch`, which tests write into, and Vitest watching it. */
export class Watched implements AsyncDisposable {
  readonly name: string = uniqueName();
  readonly #folder = mkdtempSync(join(tmpdir(), "watch-"));
  readonly run: Run;
  /** Hands out the lines that come. */
  readonly next: ReturnType<typeof followLines>;

  constructor(args: readonly string[], { terminal = false }: Pick<ConsumerOptions, "terminal">) {
    const filter = (file: string): boolean => !file.includes("node_modules");
    cpSync(projectFolder("watch"), this.#folder, { recursive: true, filter });
    symlinkSync(join(repository, "node_modules"), join(this.#folder, "node_modules"));
    this.run = startVitest(this.#folder, ["--real-services", ...args], {
      command: "watch",
      terminal,
      // Not there until `addStack`.
      env: { COMPOSE_PROJECT_NAME: this.name, STACK: "stack.yml" },
    });
    this.next = followLines(this.run.all);
  }

  read(file: string): string {
    return readFileSync(join(this.#folder, file), "utf8");
  }

  edit(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text);
  }

  addStack(): void {
    cpSync(join(this.#folder, "docker-compose.yml"), join(this.#folder, "stack.yml"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Only a test that failed leaves it running.
    this.run.kill("SIGKILL");
    await removeEnvironments(this.name);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

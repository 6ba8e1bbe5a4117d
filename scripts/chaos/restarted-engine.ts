import { isDeepStrictEqual } from "node:util";
import { SecondEngine, TINY_IMAGE } from "../../packages/core/test/second-engine.ts";
import { Canaries } from "./canaries.ts";
import { remainsOf } from "./engine-view.ts";
import { Run } from "./run.ts";
import { endRun, type Outcome } from "./victim.ts";

/**
 * An engine that is killed and started again while runs die on it, with canaries and a run that
 * lives beside them: its services end with the engine, but they, and all that it has, are still its.
 */
export class RestartedEngine {
  readonly #engine: SecondEngine;
  readonly #canaries: Canaries;
  readonly #living: Run;
  readonly #belongings: readonly string[];

  private constructor(
    engine: SecondEngine,
    canaries: Canaries,
    living: Run,
    belongings: readonly string[],
  ) {
    this.#engine = engine;
    this.#canaries = canaries;
    this.#living = living;
    this.#belongings = belongings;
  }

  static async start(prefix: string, folder: string): Promise<RestartedEngine> {
    const engine = await SecondEngine.start();
    const { host } = engine;
    const canaries = await Canaries.createQuiet(prefix, TINY_IMAGE, host);
    const name = `${prefix}-beside`;
    const env = { DOCKER_HOST: host };
    const living = new Run({ cwd: folder, name, compose: "tiny.yaml", env });
    await living.says("ready");
    return new RestartedEngine(engine, canaries, living, await belongingsOf(living, host));
  }

  get host(): string {
    return this.#engine.host;
  }

  get canaryCount(): number {
    return this.#canaries.count;
  }

  async restart(): Promise<void> {
    await this.#engine.kill("SIGKILL");
    await this.#engine.start();
  }

  /** What was done to those who were not to die. */
  async harmed(): Promise<string[]> {
    const now = await belongingsOf(this.#living, this.host);
    const isWhole = this.#living.isThere && isDeepStrictEqual(now, this.#belongings);
    const has = `${this.#living.name} had ${this.#belongings.join(", ")}, has ${now.join(", ")}`;
    return [...(isWhole ? [] : [has]), ...(await this.#canaries.harmed())];
  }

  /** The end of the run that lived. */
  async end(): Promise<Outcome> {
    return endRun(this.#living, this.host);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#living.isThere) await this.#living.die("SIGKILL");
    await this.#engine[Symbol.asyncDispose]();
  }
}

async function belongingsOf(run: Run, host: string): Promise<string[]> {
  return (await remainsOf(run.name, host)).toSorted();
}

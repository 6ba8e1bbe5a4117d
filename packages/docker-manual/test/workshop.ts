import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { EnvironmentSummary } from "@real-services/core";
import { execa } from "execa";
import { removeEnvironments } from "../../vitest/test/engine.ts";
import { CommandHost } from "./command-host.ts";
import { type EngineView, type Hold, openEngineView } from "./engine-view.ts";

const BIN = join(import.meta.dirname, "../bin/docker-manual.js");
export const IMAGE = process.env["PEER_IMAGE"] ?? "real-services/peer:1";
/** One service, ready in no time. */
export const STACK = { "compose.yaml": `services: { web: { image: "${IMAGE}", ports: [8000] } }` };

/**
 * Those that look for what is there see only the workshop's own environments, and do to them what
 * they do on the real engine. The docker CLI, which some are a thin layer over, needs that itself.
 */
const NOT_VIEWED = ["start", "test", "init", "exec", "shell", "connect"];
const REAL_ENGINE = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
const DEADLINE_MS = 60_000;
const LOOK_AGAIN_MS = 500;

const execution = { all: true, reject: false, extendEnv: false } as const;

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** @default the workshop's folder */
  readonly cwd?: string;
  /** In a process group of its own. @default false */
  readonly detached?: boolean;
}

export type RunIn = Pick<RunOptions, "cwd" | "env">;

export interface RunResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with files, and the command line in it. Disposing of it removes what it has begun. */
export class Workshop implements AsyncDisposable {
  /** Prefix of its environments' names: unique on the engine. */
  readonly name: string;
  readonly folder: string;
  readonly #view: EngineView;

  private constructor(name: string, folder: string, view: EngineView) {
    this.name = name;
    this.folder = folder;
    this.#view = view;
  }

  static async open(files: Readonly<Record<string, string>> = STACK): Promise<Workshop> {
    const name = `m${randomBytes(4).toString("hex")}`;
    const folder = mkdtempSync(join(tmpdir(), "docker-manual-"));
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), content);
    }
    return new Workshop(name, folder, await openEngineView(name));
  }

  /** Where commands find the engine that has only the workshop's own environments: DOCKER_HOST. */
  get engine(): string {
    return this.#view.host;
  }

  /** Begins a `docker-manual` command. */
  spawn(args: readonly string[], { env, cwd = this.folder, detached = false }: RunOptions = {}) {
    const variables = this.#variables(args, env);
    return execa(process.execPath, [BIN, ...args], { ...execution, detached, cwd, env: variables });
  }

  /** A process for many commands; see `runIn`. */
  host(env?: RunOptions["env"]): CommandHost {
    return new CommandHost(this.folder, this.#variables([], env));
  }

  /** As `run`, without the costs of a process. */
  async runIn(host: CommandHost, args: readonly string[], { env, cwd = this.folder }: RunIn = {}) {
    const engine = NOT_VIEWED.includes(args[0] ?? "") ? REAL_ENGINE : this.#view.host;
    return host.run({ args, cwd, env: { DOCKER_HOST: engine, ...env } });
  }

  #variables(args: readonly string[], env: RunOptions["env"]): Record<string, string> {
    return {
      ...ownEnvironment(),
      ...(NOT_VIEWED.includes(args[0] ?? "") ? {} : { DOCKER_HOST: this.#view.host }),
      COMPOSE_PROJECT_NAME: this.name,
      NO_COLOR: "1",
      ...env,
    };
  }

  /** A `docker-manual` command, to its end. */
  async run(args: readonly string[], options?: RunOptions): Promise<RunResult> {
    const { exitCode, stdout, stderr } = await this.spawn(args, options);
    return { exitCode, stdout, stderr };
  }

  /** `start`, which has to succeed; resolves to the environment's name. */
  async start(args: readonly string[] = [], options?: RunOptions): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(["start", "--json", ...args], options);
    if (exitCode !== 0) throw new Error(stderr);
    const { name }: { name: string } = JSON.parse(stdout);
    return name;
  }

  async status(options?: RunOptions): Promise<readonly EnvironmentSummary[]> {
    const { stdout } = await this.run(["status", "--json"], options);
    const { environments }: { environments: EnvironmentSummary[] } = JSON.parse(stdout);
    return environments;
  }

  /** Names of its environments that have anything on the engine, in order. */
  environments(): Promise<string[]> {
    return this.#view.environments();
  }

  /** Keeps back the engine's answers to commands that only look at it; see `EngineView`. */
  hold(pattern: RegExp): Hold {
    return this.#view.hold(pattern);
  }

  /** Output without what differs from run to run. */
  normalize(text: string): string {
    return text
      .replaceAll(new RegExp(`${this.name}-[0-9a-f]{6}`, "g"), "shop-3f9a1c")
      .replaceAll(this.name, "shop")
      .replaceAll(/\b[0-9a-f]{64}\b/g, "<container>")
      .replaceAll(/\b[0-9a-f]{16}\b/g, "<id>")
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
      .replaceAll(/, \d+(?:ms|[smhd]) old$/gm, ", 4s old")
      .replaceAll(/up \d+(?:ms|[smhd]) +/g, "up 4s  ")
      .replaceAll(/process \d+ on [\w-]+/g, "process 4711 on <host>")
      .replaceAll(/process \d+/g, "process 4711")
      .replaceAll(/\b3\d{4}\b/g, "30000");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if ((await this.environments()).length > 0) await removeEnvironments(`${this.name}-`);
    await this.#view[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Looks again until it holds; not too often, since each look is a process. */
export async function eventually<T>(
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`It never came to hold: ${JSON.stringify(seen)}`);
    await delay(LOOK_AGAIN_MS);
  }
}

/** This process is a Vitest worker, on a machine of its own kind; a command must see neither. */
export function ownEnvironment(): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !/^(VITEST|CI$|DEBUG$|GITHUB_|REAL_SERVICES|COMPOSE_|DOCKER_(ENV|TAG)$|USE_PRODUCTION|TEST$|NODE_ENV$|NODE_OPTIONS$|FORCE_COLOR$|DEV$|PROD$|MODE$|SSR$)/.test(
        entry[0],
      ),
  );
  return Object.fromEntries(inherited);
}

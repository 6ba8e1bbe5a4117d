import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import type { Installed } from "./installed.ts";

export const repository = join(import.meta.dirname, "../../..");
const launcher = "@real-services/vitest/bin/vitest-real-services.js";
const vitest = "vitest/vitest.mjs";

export const hasTerminals = process.platform === "linux" && existsSync("/usr/bin/script");

export interface ConsumerOptions {
  /** Vitest's own command line instead of the launcher. @default false */
  stock?: boolean;
  /** @default "run" */
  command?: "run" | "watch" | "list";
  env?: Readonly<Record<string, string>>;
  /** In a process group of its own. @default false */
  detached?: boolean;
  /** At a terminal of its own, which `script` gives it. @default false */
  terminal?: boolean;
  /** Where the project and its packages are. @default the repository */
  install?: Installed | undefined;
}

/** One of `fixtures/projects`, or a folder elsewhere. */
export function projectFolder(project: string): string {
  return resolve(repository, "fixtures/projects", project);
}

const running = {
  all: true,
  reject: false,
  extendEnv: false,
  stdin: "pipe",
  // What ends in its own time is not killed for it.
  forceKillAfterDelay: false,
} as const;

/** Vitest in one of `fixtures/projects`, as a user runs it. */
export function startVitest(
  project: string,
  args: readonly string[],
  options: ConsumerOptions = {},
) {
  const { command, options: own } = consumerCommand(project, args, options);
  const [file = "", ...rest] = command;
  return execa(file, rest, { ...own, detached: options.detached ?? false });
}

/** The words of its command line, and what to run them with. */
export function consumerCommand(
  project: string,
  args: readonly string[],
  { stock = false, command = "run", env, install, terminal = false }: ConsumerOptions = {},
) {
  const file = join(install?.folder ?? repository, "node_modules", stock ? vitest : launcher);
  const words = [process.execPath, file, command, ...args];
  return {
    // Paths of this machine and plain flags.
    command: terminal ? ["script", "-qefc", words.join(" "), "/dev/null"] : words,
    options: {
      ...running,
      cwd: install === undefined ? projectFolder(project) : join(install.folder, project),
      env: { ...ownEnvironment(), NO_COLOR: "1", ...env },
    },
  };
}

/** As `startVitest`, to its end. */
export async function runVitest(
  project: string,
  args: readonly string[],
  options?: ConsumerOptions,
): Promise<{ exitCode: number | undefined; stdout: string; stderr: string; all: string }> {
  const { exitCode, stdout, stderr, all } = await startVitest(project, args, options);
  return { exitCode, stdout, stderr, all };
}

/** Variables by which Node.js takes itself for one that is too old. */
export const OLDER_NODE = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})',
  )}`,
};

/** A prefix by which a test finds its own environments on the engine: COMPOSE_PROJECT_NAME. */
export function uniqueName(): string {
  return `t${randomBytes(4).toString("hex")}`;
}

export type Run = ReturnType<typeof startVitest>;

/** A process that dies by a signal has no exit code; a shell shows 128 and the number. */
export async function exitCodeOf(run: Run): Promise<number | undefined> {
  const { exitCode, signal } = await run;
  const numbers: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return exitCode ?? 128 + (numbers[signal ?? ""] ?? Number.NaN);
}

/** This process is a Vitest worker, maybe in CI; the consumer must not take itself for either. */
function ownEnvironment(): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !/^(VITEST|REAL_SERVICES|COMPOSE_|GITHUB_|CI$|DEBUG$|TEST$|NODE_ENV$|NODE_OPTIONS$|FORCE_COLOR$|DEV$|PROD$|MODE$|SSR$)/.test(
        entry[0],
      ),
  );
  return Object.fromEntries(inherited);
}

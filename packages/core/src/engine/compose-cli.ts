import { createInterface } from "node:readline";
import { RealServicesError } from "../errors.ts";
import { killGroup, startCommand } from "./command.ts";
import { composeProgram } from "./compose-program.ts";
import type { EngineEndpoint } from "./endpoint.ts";

export interface ComposeCall {
  readonly args: readonly string[];
  /** Given to Compose on its standard input. */
  readonly input?: string;
  /** Variables for interpolation, on top of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Compose is killed when it takes longer. */
  readonly timeoutMs: number;
  readonly endpoint?: EngineEndpoint | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long it may go on, in milliseconds, after the signal. @default 0 */
  readonly graceMs?: number;
  /** Called when Compose is at work. */
  readonly onSpawned?: () => void;
  /** Told each line of its standard error as it comes. */
  readonly onErrorLine?: (line: string) => void;
}

export interface ComposeResult {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** As `docker-manual doctor` examines it. */
export const OLDEST_COMPOSE = [2, 20, 2] as const;
export const NEWER_COMPOSE_HINT = `Install Compose ${OLDEST_COMPOSE.join(".")} or later.`;

/**
 * Runs `docker compose`. A failure is returned, since only the caller knows what it means; throws
 * REAL_SERVICES_NO_COMPOSE when there is no Compose v2 or it is too old, REAL_SERVICES_TIMEOUT past the deadline.
 */
export async function runCompose(call: ComposeCall): Promise<ComposeResult> {
  call.signal?.throwIfAborted();
  const variables = composeEnv(call);
  const { program, args, env } = composeProgram(variables);
  const { child, ended } = startCommand({
    program,
    args: [...args, ...call.args],
    cwd: call.cwd,
    env: { ...variables, ...env },
    input: call.input ?? "",
  });
  const guard = killOnDeadline(child, call);
  call.onSpawned?.();
  if (call.onErrorLine !== undefined) {
    createInterface({ input: child.stderr }).on("line", call.onErrorLine);
  }
  const result = await ended;
  const outcome = guard.finish();
  if (outcome === "aborted") call.signal?.throwIfAborted();
  if (outcome === "timeout") {
    throw new RealServicesError(
      "REAL_SERVICES_TIMEOUT",
      `\`docker compose ${call.args.join(" ")}\` did not end within ${call.timeoutMs / 1_000} s.`,
      { received: result.stderr.slice(-2_000) },
    );
  }
  if (result.failed && isComposeMissing(result.error?.code, result.stderr)) {
    throw new RealServicesError(
      "REAL_SERVICES_NO_COMPOSE",
      result.error?.code === "ENOENT"
        ? "The docker command is not on the PATH."
        : "The docker command has no Compose v2.",
      {
        received: result.stderr.trim() || result.error?.message,
        hint: "Install the Compose plugin (docker-compose-plugin, or docker-compose-v2) so that `docker compose version` answers.",
      },
    );
  }
  // Its first words: a Dockerfile may have flags that are unknown as well.
  const unknown = result.failed ? /^unknown (?:command|flag): .*/.exec(result.stderr) : null;
  if (unknown !== null) {
    throw new RealServicesError(
      "REAL_SERVICES_NO_COMPOSE",
      `This Compose lacks what is needed of it: ${unknown[0]}`,
      { received: call.args, hint: NEWER_COMPOSE_HINT },
    );
  }
  return { failed: result.failed, stdout: result.stdout, stderr: result.stderr };
}

/**
 * Inherited COMPOSE_* variables would choose other files, profiles and names than those given here.
 */
function composeEnv(call: ComposeCall): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("COMPOSE_"));
  return {
    ...Object.fromEntries(inherited),
    ...call.env,
    ...call.endpoint?.cliEnv,
    // Progress bars and hints are for people; errors are parsed.
    COMPOSE_PROGRESS: "plain",
    COMPOSE_ANSI: "never",
    DOCKER_CLI_HINTS: "false",
  };
}

/** For what was written before the kill and is still to be read. */
const LAST_WORDS_MS = 100;

/**
 * `docker` does not pass SIGTERM on to its Compose plugin, so the whole group is killed. What has left
 * the group, as a connection that ssh keeps for later, may hold the output open: it is not waited for.
 */
function killOnDeadline(
  child: ReturnType<typeof startCommand>["child"],
  { timeoutMs, signal, graceMs = 0 }: ComposeCall,
): { finish: () => "ended" | "timeout" | "aborted" } {
  let outcome: "ended" | "timeout" | "aborted" = "ended";
  const kill = () => {
    killGroup(child);
    timer = setTimeout(() => {
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
    }, LAST_WORDS_MS);
  };
  let timer = setTimeout(() => {
    outcome = "timeout";
    kill();
  }, timeoutMs);
  const onAbort = () => {
    outcome = "aborted";
    clearTimeout(timer);
    timer = setTimeout(kill, graceMs);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  return {
    finish: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      return outcome;
    },
  };
}

function isComposeMissing(code: string | undefined, stderr: string): boolean {
  return (
    code === "ENOENT" ||
    /'compose' is not a docker command|unknown command: docker compose|unknown shorthand flag: 'f' in -f/.test(
      stderr,
    )
  );
}

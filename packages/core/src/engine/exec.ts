import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { RealServicesError } from "../errors.ts";
import { demultiplex } from "./engine-answers.ts";
import { containerPath, type EngineHttp } from "./engine-http.ts";
import type { ExecResult } from "./engine-shapes.ts";
import { engineStatus } from "./engine-status.ts";
import type { HungCommands } from "./hung-commands.ts";

export interface ExecRequest {
  /** Of the container. */
  readonly id: string;
  readonly command: readonly string[];
  /** Of the command's own; the engine may take a second more to start it. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** What ran over its time before; this command is added when it does so too. */
  readonly hung: HungCommands;
}

interface ExecState {
  readonly ExitCode: number | null;
  readonly Running: boolean;
}

/** What the engine may take to start a command before the command's own time begins, as moby reckons. */
const EXEC_START_MS = 1_000;
const OUTPUT_BYTES = 4_096;

class LateCommand extends Error {}

/**
 * Runs a command in a container, as its user and in its folder, and waits for its end. What it
 * writes is read to the end, however much it is. The engine cannot end a command: when the
 * deadline or the signal ends the wait, it goes on in the container; where several do so already,
 * it is not started, and its time passes. Throws REAL_SERVICES_TIMEOUT when the command still runs
 * then, or was not started; REAL_SERVICES_ENGINE_FAILED when the engine does not answer.
 */
export async function execInContainer(
  http: EngineHttp,
  { id, command, timeoutMs, signal, hung }: ExecRequest,
): Promise<ExecResult> {
  const call = { what: "run a command", signal };
  const look = (exec: string) => http.json<ExecState>({ ...call, path: `/exec/${exec}/json` });
  const hanging = await hung.tooMany(id, (exec) => isStillRunning(look(exec)));
  if (hanging !== undefined) {
    await delay(timeoutMs, undefined, { signal });
    const message = `${hanging} earlier commands still hang, so it was not run again.`;
    throw new RealServicesError("REAL_SERVICES_TIMEOUT", message, { received: command });
  }
  const { Id: exec } = await http.json<{ Id: string }>({
    ...call,
    method: "POST",
    path: containerPath(id, "exec"),
    body: { Cmd: command, AttachStdout: true, AttachStderr: true },
  });
  // Its head is sent before the command is started.
  const stream = await http.open({
    ...call,
    method: "POST",
    path: `/exec/${exec}/start`,
    body: { Detach: false, Tty: false },
  });
  const beganAt = performance.now();
  const limit = setTimeout(() => stream.destroy(new LateCommand()), timeoutMs + EXEC_START_MS);
  const outcome = await readHead(stream)
    .catch((error: unknown) => {
      if (error instanceof LateCommand) return error;
      throw error;
    })
    .finally(() => clearTimeout(limit));
  const durationMs = performance.now() - beganAt;
  const state = await look(exec);
  if (!(outcome instanceof LateCommand) && state.ExitCode !== null) {
    const output = demultiplex(outcome).toString("utf8");
    return { exitCode: state.ExitCode, output, durationMs };
  }
  if (state.Running) hung.add(id, exec);
  throw outcome instanceof LateCommand && state.Running
    ? new RealServicesError(
        "REAL_SERVICES_TIMEOUT",
        `The command did not end within ${timeoutMs / 1_000} s.`,
        { received: command },
      )
    : new RealServicesError("REAL_SERVICES_ENGINE_FAILED", "The engine lost a command's end.", {
        received: command,
      });
}

/** The engine forgets a command some time after its end. */
async function isStillRunning(looking: Promise<ExecState>): Promise<boolean> {
  try {
    return (await looking).Running;
  } catch (error) {
    if (engineStatus(error) === 404) return false;
    throw error;
  }
}

/** Reads a stream to its end and keeps its beginning. */
async function readHead(stream: Readable): Promise<Buffer> {
  const kept: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if (length < OUTPUT_BYTES) kept.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(kept).subarray(0, OUTPUT_BYTES);
}

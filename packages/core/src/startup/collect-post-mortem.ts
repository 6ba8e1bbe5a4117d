import type { EngineClient } from "../engine/client.ts";
import { sayRestart } from "../engine/engine-restart.ts";
import { exitSignal } from "../engine/exit-signal.ts";
import type { Mask } from "../secrets.ts";
import { type LastLook, lookOnceMore } from "./last-look.ts";
import type { PostMortem } from "./post-mortem.ts";
import type { Findings } from "./readiness/until-ready.ts";

export interface PostMortemRequest {
  readonly engine: EngineClient;
  readonly service: string;
  /** Full id of its container; undefined when none was created. */
  readonly container: string | undefined;
  /** As the model names it, for an engine that cannot be asked. */
  readonly image: string;
  /** By our own probes, which look more often than the engine. */
  readonly findings: Findings | undefined;
  /** Of its last run, where it may be running again by now. */
  readonly lastExitCode: number | undefined;
  /** The engine told so, of this run or one before it. */
  readonly wasOutOfMemory: boolean;
  readonly reason: PostMortem["reason"];
  /** The engine's answer when it refused to start the container. */
  readonly cause?: unknown;
  readonly waitedForBy: readonly string[];
  readonly mask: Mask;
  readonly signal: AbortSignal;
}

export interface Explanation {
  readonly postMortem: PostMortem;
  /** Why the engine could not be asked: then that is the cause, whatever the service did. */
  readonly silence: Error | undefined;
}

/** What an engine in trouble could add is not worth a longer wait. */
const ANSWER_MS = 5_000;
const LOG_LINES = 20;
const CHECKS = 3;
const LINE_LENGTH = 500;

/** Asks the engine what a person would look up first. What cannot be found out stays empty. */
export async function collectPostMortem(request: PostMortemRequest): Promise<Explanation> {
  const { engine, service, container: id, reason, waitedForBy, mask } = request;
  const { details, silence, trouble }: LastLook =
    id === undefined ? {} : await lookOnceMore(engine, id, ANSWER_MS, request.signal);
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(ANSWER_MS)]);
  const [lines, engineStartedAt] =
    details === undefined
      ? [[]]
      : await Promise.all([
          engine.tailLogs(details.id, LOG_LINES, details.tty, signal).catch(() => []),
          engine.startedAt(signal).catch(() => undefined),
        ]);
  const restart = details && sayRestart(details, engineStartedAt);
  const { history, closedPorts = [] } = request.findings ?? {};
  const ownRuns = history?.runs ?? [];
  const checks = ownRuns.length > 0 ? ownRuns : (details?.healthLog ?? []);
  const isRunning = details?.state === "running" || details?.state === "paused";
  const hasRun = details !== undefined && details.state !== "created";
  const exitCode = hasRun && !isRunning ? details.exitCode : request.lastExitCode;
  const postMortem: PostMortem = {
    service,
    container: details?.name ?? id ?? "",
    image: details?.image ?? request.image,
    reason,
    state: details?.state ?? "",
    exitCode: exitCode ?? null,
    signal: (exitCode !== undefined && exitSignal(exitCode)) || null,
    oomKilled: request.wasOutOfMemory || details?.oomKilled === true,
    restartCount: details?.restartCount ?? 0,
    engineError: engineError(request, details?.error, silence?.message ?? trouble ?? restart),
    healthChecks: checks.slice(-CHECKS).map((check) => ({
      exitCode: check.exitCode,
      output: shorten(mask(check.output.trim())),
    })),
    closedPorts: reason === "timeout" ? [...closedPorts] : [],
    // Masked first: half a secret is one too.
    logLines: lines.map((line) => shorten(mask(line))),
    waitedForBy,
  };
  return { postMortem, silence };
}

function engineError(
  { cause, mask }: PostMortemRequest,
  ofContainer: string | undefined,
  ofEngine = "",
): string | null {
  const refusal = cause instanceof Error ? cause.message : ofContainer;
  // Mostly it is the engine's own trouble that the start has failed of as well.
  const said = [refusal === undefined || ofEngine.includes(refusal) ? "" : refusal, ofEngine];
  return mask(said.filter((text) => text !== "").join("; ")) || null;
}

function shorten(text: string): string {
  return text.length <= LINE_LENGTH ? text : `${text.slice(0, LINE_LENGTH)}…`;
}

import type { EngineClient } from "../engine/client.ts";
import type { Mask } from "../secrets.ts";
import type { PostMortem } from "./post-mortem.ts";
import type { Findings } from "./readiness/until-ready.ts";
import { toldOutOfMemory } from "./told-out-of-memory.ts";

export interface PostMortemRequest {
  readonly engine: EngineClient;
  readonly service: string;
  /** Full id of its container; undefined when none was created. */
  readonly container: string | undefined;
  /** By our own probes, which look more often than the engine. */
  readonly findings: Findings | undefined;
  /** Of its last run, where it may be running again by now. */
  readonly lastExitCode: number | undefined;
  readonly reason: PostMortem["reason"];
  /** The engine's answer when it refused to start the container. */
  readonly cause?: unknown;
  readonly waitedForBy: readonly string[];
  readonly mask: Mask;
  readonly signal: AbortSignal;
}

/** An engine in trouble has nothing to add to what is known. */
const ANSWER_MS = 5_000;
const LOG_LINES = 20;
const CHECKS = 3;
const LINE_LENGTH = 500;

/** Asks the engine what a person would look up first. What cannot be found out stays empty. */
export async function collectPostMortem(request: PostMortemRequest): Promise<PostMortem> {
  const { engine, service, container: id, reason, waitedForBy, mask } = request;
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(ANSWER_MS)]);
  const said = request.cause instanceof Error ? mask(request.cause.message) : null;
  const details =
    id === undefined
      ? undefined
      : await toldOutOfMemory(() => engine.inspectContainer(id, signal).catch(() => undefined));
  const lines =
    details === undefined
      ? []
      : await engine.tailLogs(details.id, LOG_LINES, details.tty, signal).catch(() => []);
  const { history, closedPorts = [] } = request.findings ?? {};
  const ownRuns = history?.runs ?? [];
  const checks = ownRuns.length > 0 ? ownRuns : (details?.healthLog ?? []);
  const isRunning = details?.state === "running" || details?.state === "paused";
  const hasRun = details !== undefined && details.state !== "created";
  return {
    service,
    container: details?.name ?? id ?? "",
    image: details?.image ?? "",
    reason,
    state: details?.state ?? "",
    exitCode: hasRun && !isRunning ? details.exitCode : (request.lastExitCode ?? null),
    oomKilled: details?.oomKilled ?? false,
    restartCount: details?.restartCount ?? 0,
    engineError: said ?? (details?.error ? mask(details.error) : null),
    healthChecks: checks.slice(-CHECKS).map((check) => ({
      exitCode: check.exitCode,
      output: shorten(mask(check.output.trim())),
    })),
    closedPorts: reason === "timeout" ? [...closedPorts] : [],
    // Masked first: half a secret is one too.
    logLines: lines.map((line) => shorten(mask(line))),
    waitedForBy,
  };
}

function shorten(text: string): string {
  return text.length <= LINE_LENGTH ? text : `${text.slice(0, LINE_LENGTH)}…`;
}

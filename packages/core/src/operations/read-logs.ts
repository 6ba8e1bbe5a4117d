import type { EngineClient } from "../engine/client.ts";
import { FrameParser } from "../logs/frame-parser.ts";
import { type AssembledLine, LineAssembler } from "../logs/line-assembler.ts";
import type { LogLine } from "../logs/log-shapes.ts";
import { toEngineTime } from "../logs/resume-point.ts";

/** Whose log is read. */
export interface LogSource {
  readonly id: string;
  readonly service: string;
  /** Which of the service's containers, from 1. */
  readonly replica: number;
}

export interface LogOptions {
  /** So many lines of each container at most, the last ones. @default all */
  readonly tail?: number;
  /** Milliseconds since the epoch, by the clock of this process. @default from the first line */
  readonly sinceMs?: number;
  /** Go on with what is written from now on, until the signal. @default false */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * What containers wrote, as the engine has it: first what there is, in the order of its writing, then,
 * if asked to follow, each line as it comes.
 */
export async function* readLogs(
  engine: EngineClient,
  clockOffsetMs: number,
  sources: readonly LogSource[],
  options: LogOptions,
): AsyncGenerator<LogLine, void, undefined> {
  const { tail, sinceMs, follow = false, signal } = options;
  const from = {
    ...(tail === undefined ? {} : { tail }),
    ...(sinceMs === undefined ? {} : { since: (sinceMs + clockOffsetMs) / 1_000 }),
  };
  const read = await Promise.all(
    sources.map(async (source) => {
      const assembler = new LineAssembler();
      const parser = new FrameParser();
      const entries = parser.push(await engine.readLogs(source.id, from, signal));
      const lines = [...entries, ...parser.end()].flatMap((entry) => assembler.push(entry) ?? []);
      return [...lines, ...assembler.end()].map((line) => toLine(source, line, clockOffsetMs));
    }),
  );
  const sorted = read.flat().toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
  yield* sorted;
  if (!follow) return;
  yield* followAll(engine, clockOffsetMs, sources, read, signal);
}

async function* followAll(
  engine: EngineClient,
  clockOffsetMs: number,
  sources: readonly LogSource[],
  read: readonly (readonly LogLine[])[],
  signal = new AbortController().signal,
): AsyncGenerator<LogLine, void, undefined> {
  const queue: LogLine[] = [];
  let wake = Promise.withResolvers<void>();
  let open = sources.length;
  const follow = async (source: LogSource, last: string) => {
    const since = last === "" ? undefined : toEngineTime(last);
    const stream = await engine.followLogs(source.id, since, signal);
    const parser = new FrameParser();
    const assembler = new LineAssembler();
    stream.on("data", (chunk: Buffer) => {
      for (const entry of parser.push(chunk)) {
        const line = assembler.push(entry);
        // The engine tells again what it told at that very moment.
        if (line !== undefined && line.timestamp > last) {
          queue.push(toLine(source, line, clockOffsetMs));
        }
      }
      wake.resolve();
    });
    await new Promise<void>((resolve) => {
      for (const name of ["end", "error", "close"]) stream.once(name, () => resolve());
    });
  };
  for (const [index, source] of sources.entries()) {
    void follow(source, read[index]?.at(-1)?.timestamp ?? "")
      .catch(() => {})
      .finally(() => {
        open -= 1;
        wake.resolve();
      });
  }
  // Streams of logs keep no process alive; whoever follows them wants to.
  const alive = setInterval(() => {}, 60_000);
  try {
    for (;;) {
      await wake.promise;
      wake = Promise.withResolvers<void>();
      yield* queue.splice(0);
      if (open === 0 || signal.aborted) return;
    }
  } finally {
    clearInterval(alive);
  }
}

function toLine(
  { service, replica }: LogSource,
  { stream, timestamp, text }: AssembledLine,
  clockOffsetMs: number,
): LogLine {
  return {
    service,
    replica,
    stream: stream === "out" ? "stdout" : "stderr",
    timestamp,
    timeMs: Date.parse(timestamp) - clockOffsetMs,
    text,
  };
}

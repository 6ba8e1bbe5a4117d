import { setTimeout as delay } from "node:timers/promises";
import type { EngineClient } from "../engine/client.ts";
import { engineStatus } from "../engine/engine-status.ts";
import { FrameParser, type LogEntry } from "./frame-parser.ts";
import { LineAssembler } from "./line-assembler.ts";
import { ResumePoint, toEngineTime } from "./resume-point.ts";
import type { LogRecord } from "./service-log.ts";

export interface FollowerOptions {
  readonly engine: EngineClient;
  readonly container: string;
  readonly replica: number;
  readonly append: (record: LogRecord) => void;
  readonly signal: AbortSignal;
}

/** Between two attempts to open a stream that the engine cut or refused. */
const RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
/** After so long without a line, and ever less often, the engine is asked whether it still has the log. */
const SILENCE_MS = 2_000;
const MAX_SILENCE_MS = 60_000;

/**
 * The log of one container into lines, each once and in order, over all of its runs: the engine ends
 * the stream with each of them.
 */
export class ContainerFollower {
  /** When the last chunk came, by `performance.now()`. */
  lastChunkAt = 0;
  readonly #options: FollowerOptions;
  readonly #resume = new ResumePoint();
  readonly #lines = new LineAssembler();
  #following: Promise<void> | undefined;
  #again = false;
  #lastTimestamp = "";
  /** Size of what the last stream ended with, without the end of a line. */
  #unended = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** It runs, or may have written something since it was last read. */
  follow(): void {
    if (this.#following !== undefined) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#following = this.#followRun().finally(() => {
      this.#following = undefined;
      if (this.#again && !this.#options.signal.aborted) this.follow();
    });
  }

  /** Settles once the engine has nothing more to tell, unless the container is started again. */
  async ended(): Promise<void> {
    while (this.#following !== undefined) await this.#following;
  }

  async #followRun(): Promise<void> {
    const { signal } = this.#options;
    for (let retryMs = RETRY_MS; !signal.aborted; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      try {
        await this.#read();
        break;
      } catch (error) {
        // It is gone, or in the middle of going.
        if (signal.aborted || [404, 409].includes(engineStatus(error) ?? 0)) break;
      }
      await delay(retryMs, undefined, { signal, ref: false }).catch(() => {});
    }
    for (const line of this.#lines.end()) this.#append(line);
  }

  /** Resolves when the engine has ended the stream; rejects when it was cut. */
  async #read(): Promise<void> {
    const { engine, container, signal } = this.#options;
    const { since } = this.#resume;
    const from = since === undefined ? undefined : toEngineTime(since);
    const stream = await engine.followLogs(container, from, signal);
    const parser = new FrameParser(this.#unended);
    this.#resume.reopen();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stream.on("data", (chunk: Buffer) => {
      this.lastChunkAt = performance.now();
      for (const entry of parser.push(chunk)) this.#take(entry);
    });
    stream.once("end", resolve);
    stream.once("error", reject);
    stream.once("close", () => reject(new Error("The engine cut the stream.")));
    const ended = new AbortController();
    void this.#untilEmptied(AbortSignal.any([signal, ended.signal])).then(
      () => stream.destroy(),
      () => {},
    );
    await promise.finally(() => ended.abort());
    const [unended] = parser.end();
    this.#unended = unended?.payload.length ?? 0;
    if (unended !== undefined) this.#take(unended);
  }

  /**
   * Resolves once the engine has nothing of what it told before: somebody has emptied its file. The
   * stream then goes on behind the end of that file and tells nothing any more; another one does.
   */
  async #untilEmptied(signal: AbortSignal): Promise<void> {
    const { engine, container } = this.#options;
    for (let silenceMs = SILENCE_MS; ; ) {
      const beganAt = performance.now();
      await delay(silenceMs, undefined, { signal, ref: false });
      if (this.lastChunkAt > beganAt) silenceMs = SILENCE_MS;
      else {
        const last = await engine.readLogs(container, { tail: 1 }, signal).catch(() => undefined);
        if (last?.length === 0 && this.#resume.since !== undefined) return;
        silenceMs = Math.min(2 * silenceMs, MAX_SILENCE_MS);
      }
    }
  }

  #take(entry: LogEntry): void {
    const { timestamp, stream } = entry;
    if (timestamp === "") {
      // The engine's own words, in place of lines that it could not read.
      const text = `[the engine could not go on reading: ${entry.payload.toString("utf8").trim()}]`;
      this.#append({ stream, timestamp: this.#lastTimestamp, text });
      return;
    }
    const news = this.#resume.accept(timestamp);
    if (news === "seen") return;
    this.#lastTimestamp = timestamp;
    if (news === "new after a gap") {
      const text =
        "[lines are missing here: the engine had removed them before they could be read]";
      this.#append({ stream, timestamp, text });
    }
    const line = this.#lines.push(entry);
    if (line !== undefined) this.#append(line);
  }

  #append(line: Omit<LogRecord, "replica">): void {
    if (line.timestamp === "") return;
    this.#options.append({ ...line, replica: this.#options.replica });
  }
}

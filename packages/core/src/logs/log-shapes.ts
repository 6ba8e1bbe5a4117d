/** A line that a service wrote. Plain data. */
export interface LogLine {
  readonly service: string;
  /** Which of the service's containers, from 1. */
  readonly replica: number;
  readonly stream: "stdout" | "stderr";
  /** When the engine received it: RFC 3339 with nanoseconds, by the engine's clock. */
  readonly timestamp: string;
  /** The same in milliseconds since the epoch, by the clock of the process that asks. */
  readonly timeMs: number;
  readonly text: string;
}

/** Something that happened to a container, between the lines that it wrote. */
export interface LogEvent {
  readonly service: string;
  readonly replica: number;
  readonly timestamp: string;
  readonly timeMs: number;
  readonly type:
    | "started"
    | "exited"
    | "oom"
    | "killed"
    | "paused"
    | "unpaused"
    | "healthy"
    | "unhealthy"
    | "removed"
    | "engine-restarted";
  /** Such as `was OOM-killed here, limit 64 MiB` or `exited with code 1`. */
  readonly text: string;
}

/** What one service wrote and lived through in a span of time. */
export interface ServiceSlice {
  readonly service: string;
  /** In the order of their containers' output; when there are too many, the first and the last. */
  readonly lines: readonly LogLine[];
  /** Lines left out between the first and the last of `lines`. */
  readonly omittedLines: number;
  /** Bytes of the span that capture could not keep: the disk's limit, or a full disk. */
  readonly missingBytes: number;
  readonly events: readonly LogEvent[];
  /** Absolute path of the file that holds all of it, and the line in it that the slice begins at, from 1. */
  readonly file: string;
  readonly fileLine: number;
}

export interface LogSlice {
  readonly environment: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Only services that wrote something or that something happened to. */
  readonly services: readonly ServiceSlice[];
}

export interface SliceOptions {
  /** Milliseconds since the epoch, by the clock of the process that asks; both ends belong to it. */
  readonly fromMs: number;
  readonly toMs: number;
  /** @default all */
  readonly services?: readonly string[];
  /** Most lines of a service that are read into memory. @default 200 */
  readonly maxLines?: number;
}

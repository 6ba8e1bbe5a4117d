/** How bad a line of log says it is, the worst first. */
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace";

const LEVELS: readonly LogLevel[] = ["fatal", "error", "warn", "info", "debug", "trace"];

/** Whether the first is as bad as the second or worse. */
export function isAtLeast(level: LogLevel | undefined, least: LogLevel): boolean {
  return level !== undefined && LEVELS.indexOf(level) <= LEVELS.indexOf(least);
}

const WORDS: Readonly<Record<LogLevel, readonly string[]>> = {
  fatal: ["fatal", "panic", "critical", "crit", "emergency", "emerg", "alert"],
  error: ["error", "err", "severe", "failure"],
  warn: ["warn", "warning"],
  info: ["info", "information", "notice", "log", "verbose", "http", "success"],
  debug: ["debug", "debug1", "debug2", "debug3", "debug4", "debug5", "fine"],
  trace: ["trace", "silly", "test", "finest"],
};

const LEVEL_OF_WORD: ReadonlyMap<string, LogLevel> = new Map(
  LEVELS.flatMap((level) => WORDS[level].map((word): [string, LogLevel] => [word, level])),
);

/** `WARNING`, `err`, `crit` and the like; undefined for a word that is no level. */
export function levelOfWord(word: string): LogLevel | undefined {
  return LEVEL_OF_WORD.get(word.toLowerCase());
}

/** Of pino and bunyan from 10 (trace) to 60 (fatal), of syslog from 0 (emergency) to 7 (debug). */
export function levelOfNumber(level: number): LogLevel | undefined {
  if (!Number.isFinite(level) || level < 0) return undefined;
  if (level >= 10) return LEVELS[Math.max(0, 6 - Math.floor(level / 10))];
  const syslog: readonly LogLevel[] = ["fatal", "fatal", "fatal", "error", "warn", "info", "info"];
  return syslog[level] ?? "debug";
}

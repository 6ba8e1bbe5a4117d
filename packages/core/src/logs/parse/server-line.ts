import { type LogLevel, levelOfWord } from "./log-level.ts";
import type { ParsedLine } from "./parse-line.ts";

/** Behind any `log_line_prefix`: PostgreSQL writes two spaces after the severity, nobody else does. */
const POSTGRES =
  /^(?:.{0,200}?\s)?(DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|QUERY|CONTEXT|LOCATION|STATEMENT):\s{2}(.*)$/;
const POSTGRES_ADDITIONS = ["DETAIL", "HINT", "QUERY", "CONTEXT", "LOCATION", "STATEMENT"];

/** PostgreSQL's own lines; what it adds to a message (DETAIL, STATEMENT, …) continues it. */
export function parsePostgresLine(text: string): ParsedLine | undefined {
  const [, severity, message] = POSTGRES.exec(text) ?? [];
  if (severity === undefined || message === undefined) return undefined;
  if (POSTGRES_ADDITIONS.includes(severity)) return { level: undefined, message, continues: true };
  return { level: levelOfWord(severity), message };
}

/** `1:M 02 Jan 2026 03:04:05.678 # …`: process, role, time and a sign for the level. */
const REDIS = /^\d+:[XCSM] \d{1,2} \w{3} (?:\d{4} )?[\d:.]+ ([.\-*#]) (.*)$/;
const REDIS_SIGNS: Readonly<Record<string, LogLevel>> = {
  ".": "debug",
  "-": "info",
  "*": "info",
  "#": "warn",
};

/** Redis and Valkey: their worst sign is a warning, also for what ends them. */
export function parseRedisLine(text: string): ParsedLine | undefined {
  const [, sign, message] = REDIS.exec(text) ?? [];
  if (sign === undefined || message === undefined) return undefined;
  if (sign === "#" && /\bfatal\b|\bcrashed\b/i.test(message)) return { level: "fatal", message };
  if (sign === "#" && /\berrors?\b|\bfailed\b/i.test(message)) return { level: "error", message };
  return { level: REDIS_SIGNS[sign], message };
}

/** `2026.01.02 03:04:05.678901 [ 42 ] {query} <Error> executeQuery: …` */
const CLICKHOUSE = /^\d{4}\.\d\d\.\d\d [\d:.]+ \[ ?\d+ ?\] \{[^}]*\} <(\w+)> (.*)$/;

export function parseClickHouseLine(text: string): ParsedLine | undefined {
  const [, severity, message] = CLICKHOUSE.exec(text) ?? [];
  if (severity === undefined || message === undefined) return undefined;
  return { level: levelOfWord(severity), message };
}

import { stripVTControlCharacters } from "node:util";
import { parseJsonLine } from "./json-line.ts";
import type { LogLevel } from "./log-level.ts";
import { parseLogfmtLine } from "./logfmt-line.ts";
import { parsePlainLine } from "./plain-line.ts";
import { parseClickHouseLine, parsePostgresLine, parseRedisLine } from "./server-line.ts";

/** What a line of log says. */
export interface ParsedLine {
  /** Undefined when the line names none. */
  readonly level: LogLevel | undefined;
  /** Without time, level and colours where the format is known; else all of the line. */
  readonly message: string;
  /** It belongs to the line before it. */
  readonly continues?: boolean;
}

/** Longer lines are dumps: reading them as JSON costs more than it tells. */
const MAX_LENGTH = 65_536;

/**
 * Level and message of a line: JSON (pino, bunyan, winston), logfmt, PostgreSQL, Redis, ClickHouse,
 * and what common loggers write. Never throws.
 *
 * @example
 * parseLine("2026-01-02 03:04:05.678 UTC [42] ERROR:  relation \"orders\" does not exist")
 * // { level: "error", message: 'relation "orders" does not exist' }
 */
export function parseLine(raw: string): ParsedLine {
  const text = stripVTControlCharacters(raw).trimEnd();
  if (text.length > MAX_LENGTH)
    return { ...parsePlainLine(text.slice(0, MAX_LENGTH)), message: text };
  if (text === "" || /^\s/.test(text)) return { level: undefined, message: text, continues: true };
  return (
    parseJsonLine(text) ??
    parsePostgresLine(text) ??
    parseRedisLine(text) ??
    parseClickHouseLine(text) ??
    parseLogfmtLine(text) ??
    parsePlainLine(text)
  );
}

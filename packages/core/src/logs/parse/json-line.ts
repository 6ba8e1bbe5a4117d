import { type LogLevel, levelOfNumber, levelOfWord } from "./log-level.ts";
import type { ParsedLine } from "./parse-line.ts";

const LEVEL_KEYS = ["level", "severity", "lvl", "loglevel", "log.level", "@l", "levelname"];
const MESSAGE_KEYS = ["msg", "message", "@m", "event", "short_message"];
const ERROR_KEYS = ["err", "error", "exception"];

/** The level of an object whose end was cut off. */
const LEVEL = /"(?:level|severity|lvl)"\s*:\s*(?:"(\w+)"|(\d+))/;

/** A line of pino, bunyan, winston and their like; undefined when it is no JSON object. */
export function parseJsonLine(text: string): ParsedLine | undefined {
  if (!text.startsWith('{"')) return undefined;
  const fields = parseObject(text);
  if (fields === undefined) {
    const [, word, number] = LEVEL.exec(text) ?? [];
    const level = word === undefined ? levelOfNumber(Number(number)) : levelOfWord(word);
    return level === undefined ? undefined : { level, message: text };
  }
  const message = firstText(fields, MESSAGE_KEYS);
  const error = errorMessage(fields);
  const said = [message, error === message ? undefined : error].filter(
    (part) => part !== undefined,
  );
  return { level: levelOf(fields), message: said.length === 0 ? text : said.join(": ") };
}

function parseObject(text: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

function levelOf(fields: ReadonlyMap<string, unknown>): LogLevel | undefined {
  for (const key of LEVEL_KEYS) {
    const value = fields.get(key);
    const level =
      typeof value === "number"
        ? levelOfNumber(value)
        : typeof value === "string"
          ? levelOfWord(value)
          : undefined;
    if (level !== undefined) return level;
  }
  return undefined;
}

function errorMessage(fields: ReadonlyMap<string, unknown>): string | undefined {
  const error = ERROR_KEYS.map((key) => fields.get(key)).find((value) => value !== undefined);
  if (typeof error === "string") return error;
  if (!isObject(error)) return undefined;
  return firstText(new Map(Object.entries(error)), ["message", "msg"]);
}

function firstText(
  fields: ReadonlyMap<string, unknown>,
  keys: readonly string[],
): string | undefined {
  return keys
    .map((key) => fields.get(key))
    .find((value): value is string => typeof value === "string" && value !== "");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

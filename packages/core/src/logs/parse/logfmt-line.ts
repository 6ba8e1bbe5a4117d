import { levelOfWord } from "./log-level.ts";
import type { ParsedLine } from "./parse-line.ts";

const PAIR = /(?:^|\s)([\w.@-]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)/g;

/** `time=… level=error msg="no such table"`; undefined when no level is among the pairs. */
export function parseLogfmtLine(text: string): ParsedLine | undefined {
  if (!/(?:^|\s)(?:level|lvl|severity)=/.test(text)) return undefined;
  const fields = new Map<string, string>();
  for (const [, key = "", value = ""] of text.matchAll(PAIR)) {
    if (!fields.has(key)) fields.set(key, unquote(value));
  }
  const level = levelOfWord(
    fields.get("level") ?? fields.get("lvl") ?? fields.get("severity") ?? "",
  );
  if (level === undefined) return undefined;
  const message = fields.get("msg") ?? fields.get("message");
  const error = fields.get("err") ?? fields.get("error");
  const said = [message, error].filter((part) => part !== undefined && part !== "");
  return { level, message: said.length === 0 ? text : said.join(": ") };
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value;
}

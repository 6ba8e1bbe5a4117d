import { levelOfWord } from "./log-level.ts";
import type { ParsedLine } from "./parse-line.ts";

/** Levels stand near the beginning, behind a time and a name; farther on it is prose. */
const HEAD = 120;
const UPPER =
  /(?:^|[\s[<(|:"'])(FATAL|PANIC|CRITICAL|CRIT|EMERG|ALERT|SEVERE|ERROR|ERR|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE)(?=$|[\s\]>)|:,"'])/;
/** `[error]`, `<warn>`, and `error:` at the beginning, in any case. */
const BRACKETED =
  /[[<](fatal|panic|crit|critical|emerg|alert|error|err|warn|warning|notice|info|debug|trace)[\]>]/i;
const LEADING =
  /^(?:[\d\-/:.,TZ+ ]+)?(fatal|panic|critical|error|err|warning|warn|info|debug|trace)(?: error)?\s?:/i;
/** klog's `E0102 03:04:05.678901 1 server.go:42] …` */
const KLOG = /^([IWEF])\d{4} [\d:.]+ +\d+ \S+\] (.*)$/;
const KLOG_WORDS: Readonly<Record<string, string>> = {
  I: "info",
  W: "warn",
  E: "error",
  F: "fatal",
};
/** What runtimes print of an error that nobody caught. */
const THROWN =
  /^(?:Uncaught |Unhandled |\[?[\w.$]*(?:Error|Exception)(?:\]?:| \[|\])|Traceback \(most recent|thread '.*' panicked)/;

/** Any other line: its level is looked for where loggers write it. */
export function parsePlainLine(text: string): ParsedLine {
  const [, letter, rest] = KLOG.exec(text) ?? [];
  if (letter !== undefined && rest !== undefined) {
    return { level: levelOfWord(KLOG_WORDS[letter] ?? ""), message: rest };
  }
  const head = text.slice(0, HEAD);
  const word = LEADING.exec(head)?.[1] ?? UPPER.exec(head)?.[1] ?? BRACKETED.exec(head)?.[1];
  const level = word === undefined ? undefined : levelOfWord(word);
  return { level: level ?? (THROWN.test(head) ? "error" : undefined), message: text };
}

import { stripVTControlCharacters } from "node:util";
import type { LogSlice } from "@real-services/core/logs";
import { maskSecrets } from "../mask.ts";

export type Mask = (text: string) => string;

const SHOWN = 300;
/** The rest of a line is never looked at: what masks it could take very long. */
const READ = 2_000;

/** Control characters, and those that turn the direction of what follows. */
const UNSAFE = /[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * A line of a service as it may stand anywhere: no colours, nothing that moves a cursor, no secrets,
 * of bounded length. Doing it twice changes nothing.
 */
export function safeText(text: string, mask: Mask = maskSecrets): string {
  const { body, hidden } = split(text);
  const read = withoutHalf(body.slice(0, READ));
  const masked = mask(stripVTControlCharacters(read).replaceAll("\t", "  "));
  const escaped = masked.replace(UNSAFE, escapeCharacter).trimEnd();
  const safe = withoutHalf(escaped.slice(0, READ)).trimEnd();
  return join(safe, hidden + body.length - read.length + escaped.length - safe.length);
}

/** As much of a safe text as fits beside others. */
export function cutText(text: string): string {
  const { body, hidden } = split(text);
  const shown = withoutHalf(body.slice(0, SHOWN));
  return join(shown, hidden + body.length - shown.length);
}

/** What is left of a text that was cut before, and how many characters were not. */
function split(text: string): { readonly body: string; readonly hidden: number } {
  const [suffix, hidden = "0"] = /… \((\d+) more characters\)$/.exec(text.slice(-50)) ?? [""];
  return { body: text.slice(0, text.length - suffix.length), hidden: Number(hidden) };
}

function join(body: string, hidden: number): string {
  return hidden === 0 ? body : `${body}… (${hidden} more characters)`;
}

/** The slice as it may travel with reports: secrets masked, control characters escaped. */
export function safeSlice(slice: LogSlice, mask?: Mask): LogSlice {
  return {
    ...slice,
    services: slice.services.map((service) => ({
      ...service,
      lines: service.lines.map((line) => ({ ...line, text: safeText(line.text, mask) })),
      events: service.events.map((event) => ({ ...event, text: safeText(event.text, mask) })),
    })),
  };
}

/** Half of a surrogate pair is no character. */
function withoutHalf(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, "");
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}

/**
 * Masks by form, and passwords of connection strings by value. A password that is also the name of
 * something (`postgres`, say) is no secret, and masking it would garble every line.
 */
export function maskFor(
  services: Readonly<Record<string, { readonly url?: string | undefined }>>,
): Mask {
  const secrets = new Set<string>();
  const open = new Set(Object.keys(services));
  for (const { url } of Object.values(services)) {
    const parsed = url === undefined ? null : URL.parse(url);
    if (parsed === null) continue;
    open.add(decode(parsed.username)).add(decode(parsed.pathname.slice(1)));
    secrets.add(decode(parsed.password));
  }
  const values = [...secrets].filter((value) => value.length >= MIN_SECRET && !open.has(value));
  return (text) =>
    maskSecrets(values.reduce((masked, value) => masked.replaceAll(value, "*****"), text));
}

/** Shorter values are words that logs are full of. */
const MIN_SECRET = 6;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

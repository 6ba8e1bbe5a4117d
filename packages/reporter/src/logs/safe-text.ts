import { stripVTControlCharacters } from "node:util";
import { maskSecrets } from "../mask.ts";

export type Mask = (text: string) => string;

const SHOWN = 300;
/** Masked before it is cut, so that no cut hides what gives a secret away; the rest is never read. */
const READ = 2_000;

/** Control characters, and those that turn the direction of what follows. */
const UNSAFE = /[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * A line of a service as it may stand on anybody's screen: no colours, nothing that moves a cursor,
 * no secrets, of bounded length.
 */
export function safeText(text: string, mask: Mask = maskSecrets): string {
  const read = stripVTControlCharacters(text.slice(0, READ)).replaceAll("\t", "  ").trimEnd();
  const masked = mask(read).replace(UNSAFE, escapeCharacter);
  const hidden = text.length - READ;
  if (masked.length <= SHOWN && hidden <= 0) return masked;
  // Half of a surrogate pair is no character.
  const cut = masked.slice(0, SHOWN).replace(/[\ud800-\udbff]$/, "");
  const more = masked.length - cut.length + Math.max(0, hidden);
  return `${cut}… (${more.toLocaleString("en")} more characters)`;
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

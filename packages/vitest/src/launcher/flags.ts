import { closest, distance } from "fastest-levenshtein";
import { KEEP_VARIABLE, SWITCH_VARIABLE } from "../switch.ts";

/** What is left for Vitest, and what has to be remembered for the plugin. */
export interface TakenFlags {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A flag that the launcher does not understand. */
export class FlagError extends Error {}

const SWITCH = /^--(no-)?(?:real-services|realServices)(?:=(.*))?$/;
/** Vitest has no such option (its reporter `verbose` is another thing): we show where time went. */
const VERBOSE_VARIABLE = "REAL_SERVICES_VERBOSE";
const KEEP = /^--(no-)?(?:real-services-keep|realServicesKeep)(?:=(.*))?$/;
const FLAGS = [
  "--real-services",
  "--no-real-services",
  "--real-services-keep",
  "--no-real-services-keep",
];
/** Letters that may be wrong in a word that is still meant to be one of ours. */
const MAX_SLIPS = 3;

/**
 * Takes `--real-services[=a,b]`, `--no-real-services`, `--real-services-keep[=on-failure]` and
 * `--verbose` off a command line, because Vitest refuses options that it does not know. What follows a `--` is not
 * ours. Off wins; else the last one.
 */
export function takeFlags(argv: readonly string[]): TakenFlags {
  const end = argv.indexOf("--");
  const own = end === -1 ? argv : argv.slice(0, end);
  const rest: string[] = [];
  const env: Record<string, string> = {};
  for (const word of own) {
    const on = SWITCH.exec(word);
    const keep = KEEP.exec(word);
    if (on !== null) env[SWITCH_VARIABLE] = switchValue(on, env[SWITCH_VARIABLE]);
    else if (keep !== null) env[KEEP_VARIABLE] = keepValue(word, keep);
    else if (word === "--verbose") env[VERBOSE_VARIABLE] = "1";
    else rest.push(notMisspelt(word));
  }
  return { argv: [...rest, ...argv.slice(own.length)], env };
}

function switchValue([, no, services]: RegExpExecArray, before: string | undefined): string {
  return no !== undefined || before === "0" ? "0" : services || "1";
}

/** Vitest would refuse it with a stack trace, and knows nothing of the flag that was meant. */
function notMisspelt(word: string): string {
  const [name = ""] = word.split("=");
  if (!name.startsWith("--")) return word;
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const meant = closest(kebab, FLAGS);
  if (!/^--(no-)?real-/.test(kebab) && distance(kebab, meant) > MAX_SLIPS) return word;
  throw new FlagError(`Unknown option ${name}. Did you mean ${meant}?`);
}

function keepValue(word: string, [, no, value]: RegExpExecArray): string {
  if (no !== undefined) return "0";
  if (value === undefined || value === "" || value === "on-failure") return "on-failure";
  throw new FlagError(`Expected --real-services-keep=on-failure, got ${word}.`);
}

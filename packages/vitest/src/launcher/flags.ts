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

/**
 * Takes `--real-services[=a,b]`, `--no-real-services`, `--real-services-keep[=on-failure]` and
 * `--verbose` off a command line, because Vitest refuses options that it does not know. What follows a `--` is not
 * ours. The last one wins.
 */
export function takeFlags(argv: readonly string[]): TakenFlags {
  const end = argv.indexOf("--");
  const own = end === -1 ? argv : argv.slice(0, end);
  const rest: string[] = [];
  const env: Record<string, string> = {};
  for (const word of own) {
    const on = SWITCH.exec(word);
    const keep = KEEP.exec(word);
    if (on !== null) env[SWITCH_VARIABLE] = on[1] === undefined ? on[2] || "1" : "0";
    else if (keep !== null) env[KEEP_VARIABLE] = keepValue(word, keep);
    else if (word === "--verbose") env[VERBOSE_VARIABLE] = "1";
    else rest.push(word);
  }
  return { argv: [...rest, ...argv.slice(own.length)], env };
}

function keepValue(word: string, [, no, value]: RegExpExecArray): string {
  if (no !== undefined) return "0";
  if (value === undefined || value === "" || value === "on-failure") return "on-failure";
  throw new FlagError(`Expected --real-services-keep=on-failure, got ${word}.`);
}

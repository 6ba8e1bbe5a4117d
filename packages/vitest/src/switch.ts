/** Whether real services are on for a run, and which. */
export interface Switch {
  readonly enabled: boolean;
  /** Only these and what they depend on; undefined for all. */
  readonly services: readonly string[] | undefined;
}

export type Keep = "on-failure" | false;

export const SWITCH_VARIABLE = "REAL_SERVICES";
export const KEEP_VARIABLE = "REAL_SERVICES_KEEP";

/** The value of the Vite mode that switches real services on: `vitest --mode real-services`. */
const MODE = "real-services";
const OFF: Switch = { enabled: false, services: undefined };
const ON: Switch = { enabled: true, services: undefined };
const ON_WORDS = ["1", "true", "on", "yes", "all"];
const OFF_WORDS = ["0", "false", "off", "no"];

/** `1` for all, `postgres,redis` for some, `0` for none; undefined when nothing was said. */
export function parseSwitch(value: string | undefined): Switch | undefined {
  const word = value?.trim().toLowerCase() ?? "";
  if (word === "") return undefined;
  if (ON_WORDS.includes(word)) return ON;
  if (OFF_WORDS.includes(word)) return OFF;
  const services = (value ?? "").split(",").map((name) => name.trim());
  return { enabled: true, services: services.filter((name) => name !== "") };
}

/** The inverse of `parseSwitch`, for the workers' environment. */
export function formatSwitch({ enabled, services }: Switch): string {
  if (!enabled) return "0";
  return services === undefined ? "1" : services.join(",");
}

/**
 * The variable decides, also when it says no; else `--real-services` behind a `--`, which Vitest
 * leaves alone; else the mode.
 */
export function readSwitch(source: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly argv: readonly string[];
  readonly mode: string | undefined;
}): Switch {
  const named = parseSwitch(source.env[SWITCH_VARIABLE]);
  if (named !== undefined) return named;
  const separator = source.argv.indexOf("--");
  const passed = separator === -1 ? [] : source.argv.slice(separator + 1);
  const flag = passed.findLast((word) => /^--real-services(=|$)/.test(word));
  if (flag !== undefined) return parseSwitch(flag.split("=")[1]) ?? ON;
  return source.mode === MODE ? ON : OFF;
}

/** Undefined when nothing was said; the word itself when it means nothing. */
export function parseKeep(value: string | undefined): Keep | undefined | { unknown: string } {
  const word = value?.trim().toLowerCase() ?? "";
  if (word === "") return undefined;
  if (word === "on-failure" || ON_WORDS.includes(word)) return "on-failure";
  return OFF_WORDS.includes(word) ? false : { unknown: word };
}

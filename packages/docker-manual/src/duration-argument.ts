import { InvalidArgumentError, Option } from "commander";
import ms, { type StringValue } from "ms";

/** Milliseconds of `30s`, `10m`, `1h`; for commander's arguments. */
export function durationArgument(text: string): number {
  const value = isDuration(text) ? ms(text) : undefined;
  if (value === undefined || !(value >= 0)) {
    throw new InvalidArgumentError("Expected a duration such as 30s, 10m or 1h.");
  }
  return value;
}

/** @param byDefault as it would be given, since so the help shows it */
export function durationOption(flags: string, description: string, byDefault: string): Option {
  return new Option(flags, description)
    .argParser(durationArgument)
    .default(durationArgument(byDefault), byDefault);
}

function isDuration(text: string): text is StringValue {
  return /^\d+(?:\.\d+)?\s?[a-z]+$/i.test(text);
}

import { InvalidArgumentError } from "commander";

/** For options that may be given again, as Compose has it. A list behind one flag would swallow what follows. */
export function repeated(value: string, values: readonly string[] = []): string[] {
  if (value === "") throw new InvalidArgumentError("Expected a name.");
  return [...values, value];
}

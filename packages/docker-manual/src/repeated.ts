/** For options that may be given again, as Compose has it. A list behind one flag would swallow what follows. */
export function repeated(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

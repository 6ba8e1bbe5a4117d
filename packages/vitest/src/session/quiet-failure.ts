/**
 * An error that ends a run without being printed again: the reader has just been told. Vitest ends
 * in silence when it finds no tests; from another copy of Vitest it is one line more.
 */
export async function quietFailure(error: unknown): Promise<Error> {
  process.exitCode = 1;
  const { TestsNotFoundError } = await import("vitest/node");
  const quiet = new TestsNotFoundError();
  quiet.message = `Real services did not start: ${error instanceof Error ? error.message : String(error)}`;
  quiet.stack = quiet.message;
  return quiet;
}

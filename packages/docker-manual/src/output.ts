/** Writes a result: as JSON when asked for, else as lines for people. */
export function printResult(
  isJson: boolean,
  result: unknown,
  lines: () => readonly string[],
): void {
  const text = isJson ? JSON.stringify(result, null, 2) : lines().join("\n");
  if (text !== "") process.stdout.write(`${text}\n`);
}

/** With JSON `{ error: { code, message, hint, received } }` on stdout, else a readable text on stderr. */
export async function printError(error: unknown, isJson: boolean): Promise<void> {
  const { paintFor, renderError } = await import("@real-services/reporter");
  if (isJson) {
    const { code, hint, received } = {
      code: undefined,
      hint: undefined,
      received: undefined,
      ...fieldsOf(error),
    };
    const message = error instanceof Error ? error.message : String(error);
    process.stdout.write(
      `${JSON.stringify({ error: { code, message, hint, received } }, null, 2)}\n`,
    );
    return;
  }
  const stack = /real-services/.test(process.env["DEBUG"] ?? "");
  process.stderr.write(`${renderError(error, { paint: paintFor(process.stderr), stack })}\n`);
}

function fieldsOf(error: unknown): object {
  return typeof error === "object" && error !== null ? error : {};
}

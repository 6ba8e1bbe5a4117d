import { fileURLToPath } from "node:url";

const OWN_FILES = fileURLToPath(new URL("..", import.meta.url));

/**
 * Where in the user's code an error was thrown, such as ` in seed (/shop/test/seed.ts:12:9)`; empty
 * when the stack does not tell. Of a configuration that Vite has bundled only the function's name is
 * worth anything: the file it names is gone.
 */
export function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const line of stack.split("\n")) {
    const [, name, file] = /^\s+at (?:async )?(?:(.+?) \()?([^()]+?)\)?$/.exec(line) ?? [];
    if (file === undefined || file.startsWith("node:") || file.includes(OWN_FILES)) continue;
    if (file.includes(".vite-temp")) return name === undefined ? "" : ` in ${name}`;
    if (file.includes("node_modules")) continue;
    return name === undefined ? ` at ${file}` : ` in ${name} (${file})`;
  }
  return "";
}

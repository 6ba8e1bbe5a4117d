import { fileURLToPath } from "node:url";
import { placeInSource } from "../config-bundle.ts";

const OWN_FILES = fileURLToPath(new URL("..", import.meta.url));

/**
 * Where in the user's code an error was thrown, such as ` in seed (/shop/test/seed.ts:12:9)`; empty
 * when the stack does not tell. Of a configuration that Vite has bundled the source map tells it; the
 * bundle itself is gone.
 */
export function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const line of stack.split("\n")) {
    const [, name, file] = /^\s+at (?:async )?(?:(.+?) \()?([^()]+?)\)?$/.exec(line) ?? [];
    if (file === undefined || file.startsWith("node:") || file.includes(OWN_FILES)) continue;
    const place = file.includes("/.vite-temp/") ? placeInSource(file) : file;
    if (place === undefined) return name === undefined ? "" : ` in ${name}`;
    if (place.includes("node_modules")) continue;
    return name === undefined ? ` at ${place}` : ` in ${name} (${place})`;
  }
  return "";
}

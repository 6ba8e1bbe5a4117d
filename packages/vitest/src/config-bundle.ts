import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

/** Where Vite writes the bundle of a configuration that is written in TypeScript. */
const BUNDLE = /file:[^\s()]*\/\.vite-temp\/[^\s():]+/;
const INLINE_MAP = /\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([\w+/=]+)\s*$/;

/** Text by URL. */
const bundles = new Map<string, string>();

/**
 * Keeps the bundle that calls this, if one does: Vite deletes it as soon as it has been evaluated,
 * and with it the only way from a stack back to the user's own files.
 */
export function keepBundle(): void {
  const [url] = BUNDLE.exec(new Error().stack ?? "") ?? [];
  if (url === undefined || bundles.has(url)) return;
  try {
    bundles.set(url, readFileSync(fileURLToPath(url), "utf8"));
  } catch {
    // Called later, by a configuration that is a function: then there is no place to show.
  }
}

/** The user's own `file:line:column` of a place in a bundle; undefined when that is not known. */
export function placeInSource(place: string): string | undefined {
  const [, url = "", line, column] = /^(.*):(\d+):(\d+)$/.exec(place) ?? [];
  const [, map] = INLINE_MAP.exec(bundles.get(url) ?? "") ?? [];
  if (map === undefined) return undefined;
  const payload = JSON.parse(Buffer.from(map, "base64").toString("utf8"));
  const entry = new SourceMap(payload).findEntry(Number(line) - 1, Number(column) - 1);
  if (!("originalSource" in entry)) return undefined;
  return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

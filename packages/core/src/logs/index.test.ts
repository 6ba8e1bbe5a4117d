import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

/** What a module loads, and what that loads: types load nothing, and what is imported later does not count. */
function loaded(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  if (!path.startsWith("/")) return seen;
  const source = readFileSync(path, "utf8");
  for (const [, what] of source.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "([^"]+)";/gm)) {
    if (what === undefined) continue;
    loaded(what.startsWith(".") ? join(dirname(path), what) : what, seen);
  }
  return seen;
}

test("test files may read logs at the price of Node's own modules", () => {
  const modules = [...loaded(join(import.meta.dirname, "index.ts"))];
  expect(modules.some((path) => path.endsWith("/read-slice.ts"))).toBe(true);
  const others = modules.filter((name) => !name.startsWith("/") && !name.startsWith("node:"));
  expect(others).toEqual([]);
  // The walk finds what it looks for.
  expect(loaded(join(import.meta.dirname, "../engine/archive.ts"))).toContain("tar-stream");
});

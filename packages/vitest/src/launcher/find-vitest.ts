import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";

/**
 * The file of Vitest's own command line. Looked for beside the `node_modules/.bin` that was run,
 * then from the working folder, then from here: our peer.
 */
export function findVitest(
  invokedAs: string | undefined,
  cwd: string,
  ownFile: string,
): string | undefined {
  const bin = invokedAs === undefined ? undefined : dirname(resolve(cwd, invokedAs));
  const beside =
    bin !== undefined && basename(bin) === ".bin" ? join(dirname(bin), "_") : undefined;
  for (const origin of [beside, join(cwd, "_"), ownFile]) {
    const file = origin === undefined ? undefined : commandOf(origin);
    if (file !== undefined) return file;
  }
  return undefined;
}

function commandOf(origin: string): string | undefined {
  try {
    const manifest = createRequire(origin).resolve("vitest/package.json");
    return join(dirname(manifest), binOf(JSON.parse(readFileSync(manifest, "utf8"))));
  } catch {
    return undefined;
  }
}

/** `bin` is a path, or paths by name. */
export function binOf(manifest: unknown): string {
  const fallback = "vitest.mjs";
  if (typeof manifest !== "object" || manifest === null || !("bin" in manifest)) return fallback;
  const { bin } = manifest;
  if (typeof bin === "string") return bin;
  if (typeof bin !== "object" || bin === null || !("vitest" in bin)) return fallback;
  return typeof bin.vitest === "string" ? bin.vitest : fallback;
}

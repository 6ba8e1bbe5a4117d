import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Node } from "yaml";
import { RealServicesError } from "../errors.ts";

/** A generous size for a hand-written file; Compose itself has no limit. */
const MAX_BYTES = 1024 * 1024;
/** Nodes after every alias is expanded. Real files have some thousands; a bomb has billions. */
const MAX_NODES = 100_000;
/** Files reached through `include` and `extends`. */
const MAX_FILES = 200;

/**
 * Refuses what would hurt before Compose sees it: `docker compose config` on a file of nested
 * aliases (“billion laughs”) eats all memory of the machine and does not heed SIGTERM. Follows
 * local `include` and `extends`, which can carry the same. Remote ones are refused: they are code
 * from elsewhere (CVE-2025-62725). Throws REAL_SERVICES_COMPOSE_FILE_TOO_LARGE,
 * REAL_SERVICES_REMOTE_INCLUDE, REAL_SERVICES_INVALID_COMPOSE_FILE.
 */
export async function guardComposeFiles(
  files: readonly string[],
  allowRemote: boolean,
): Promise<void> {
  const seen = new Set<string>(files);
  for (const file of seen) {
    if (seen.size > MAX_FILES) throw tooLarge(file, `it reaches more than ${MAX_FILES} files`);
    const text = await readBounded(file);
    if (text === undefined || !needsParsing(text)) continue;
    for (const next of await inspect(file, text, allowRemote)) seen.add(next);
  }
}

async function readBounded(file: string): Promise<string | undefined> {
  const info = await stat(file).catch(() => undefined);
  // Missing, or a folder: Compose says so, with the place that names it.
  if (info === undefined || !info.isFile()) return undefined;
  if (info.size > MAX_BYTES) throw tooLarge(file, `it has ${info.size} bytes`);
  return readFile(file, "utf8");
}

/** Most files have neither anchors nor references to other files, and need no second parser. */
function needsParsing(text: string): boolean {
  return /&[^\s,[\]{}]/.test(text) || /\b(?:include|extends)\b/.test(text);
}

async function inspect(file: string, text: string, allowRemote: boolean): Promise<string[]> {
  const { parseDocument } = await import("yaml");
  let root: Node | null;
  try {
    const document = parseDocument(text, { logLevel: "silent", uniqueKeys: false, merge: true });
    // Syntax errors are Compose's to report, unless they hide the rest of the file from us.
    root = document.contents;
    const size = await expandedSize(root);
    if (size > MAX_NODES) throw tooLarge(file, "its aliases expand without bound");
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(file, "it is nested too deeply");
    throw error;
  }
  return references(file, root, allowRemote);
}

/** Counts what an expansion would produce without expanding anything: each anchor is counted once. */
async function expandedSize(root: Node | null): Promise<number> {
  const { isAlias, isCollection, isPair, isNode } = await import("yaml");
  const anchors = new Map<string, number>();
  const count = (node: unknown): number => {
    if (isPair(node)) return count(node.key) + count(node.value);
    if (isAlias(node)) return anchors.get(node.source) ?? 1;
    if (!isNode(node)) return 0;
    let total = 1;
    if (isCollection(node)) for (const item of node.items) total += count(item);
    if ("anchor" in node && typeof node.anchor === "string") anchors.set(node.anchor, total);
    return total;
  };
  return count(root);
}

async function references(
  file: string,
  root: Node | null,
  allowRemote: boolean,
): Promise<string[]> {
  const { isMap, isScalar, isSeq } = await import("yaml");
  const found: string[] = [];
  const add = (node: unknown) => {
    if (isSeq(node)) for (const item of node.items) add(item);
    if (isMap(node)) add(node.get("path", true));
    if (!isScalar(node) || typeof node.value !== "string") return;
    if (/^(?:oci:|https?:|git[@:+]|ssh:|github\.com\/)|\.git(?:#|$)/.test(node.value)) {
      if (allowRemote) return;
      throw new RealServicesError(
        "REAL_SERVICES_REMOTE_INCLUDE",
        `${file} includes a file from elsewhere: ${node.value}.`,
        {
          received: node.value,
          hint: "Copy that file into the project, or set `allowRemoteIncludes`.",
        },
      );
    }
    // A name with variables is resolved by Compose alone; it cannot be followed from here.
    if (!node.value.includes("$")) found.push(resolve(dirname(file), node.value));
  };
  if (!isMap(root)) return found;
  add(root.get("include", true));
  const services = root.get("services", true);
  if (!isMap(services)) return found;
  for (const { value } of services.items) {
    const extended = isMap(value) ? value.get("extends", true) : undefined;
    if (isMap(extended)) add(extended.get("file", true));
  }
  return found;
}

function tooLarge(file: string, why: string): RealServicesError {
  return new RealServicesError(
    "REAL_SERVICES_COMPOSE_FILE_TOO_LARGE",
    `${file} is refused: ${why}.`,
    {
      received: file,
      hint: `Limits: ${MAX_BYTES / 1024 / 1024} MiB a file, ${MAX_NODES.toLocaleString("en")} nodes once aliases are expanded.`,
    },
  );
}

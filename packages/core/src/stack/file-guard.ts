import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Document } from "yaml";
import { RealServicesError } from "../errors.ts";
import { findReferences, isRemote } from "./file-references.ts";

/** A generous size for a hand-written file; Compose itself has no limit. */
const MAX_BYTES = 1024 * 1024;
/** The parser that counts aliases is slow and hungry: more than this would itself be a bomb. */
const MAX_BYTES_WITH_ALIASES = 96 * 1024;
/** Nodes after every alias is expanded. Real files have some thousands; a bomb has billions. */
const MAX_NODES = 100_000;
/** Brackets within brackets. */
const MAX_DEPTH = 200;
/** Files reached through `include` and `extends`. */
const MAX_FILES = 200;

/**
 * Refuses what would hurt before Compose sees it: `docker compose config` on a file of nested
 * aliases (“billion laughs”) eats all memory of the machine and does not heed SIGTERM. Follows
 * local `include` and `extends`, which can carry the same. Remote ones are refused: they are code
 * from elsewhere (CVE-2025-62725). Throws REAL_SERVICES_COMPOSE_FILE_TOO_LARGE and
 * REAL_SERVICES_REMOTE_INCLUDE.
 */
export async function guardComposeFiles(
  files: readonly string[],
  allowRemote: boolean,
): Promise<void> {
  const seen = new Set<string>(files);
  // Relative names start from the project's folder, or from that of an included project.
  const folders = new Set(files.slice(0, 1).map((file) => dirname(file)));
  let read = 0;
  for (const file of seen) {
    const text = await readBounded(file);
    if (text === undefined) continue;
    read += 1;
    if (read > MAX_FILES) throw tooLarge(file, `it is one of more than ${MAX_FILES} files`);
    if (!needsParsing(text)) continue;
    for (const document of await parse(file, text)) {
      const references = await findReferences(file, document);
      for (const folder of references.folders) folders.add(folder);
      for (const name of references.files) {
        if (!isRemote(name)) {
          for (const folder of [dirname(file), ...folders]) seen.add(resolve(folder, name));
        } else if (!allowRemote) throw remote(file, name);
      }
    }
  }
}

async function readBounded(file: string): Promise<string | undefined> {
  const info = await stat(file).catch(() => undefined);
  // Missing, or a folder: Compose says so, with the place that names it.
  if (info === undefined || !info.isFile()) return undefined;
  if (info.size > MAX_BYTES) throw tooLarge(file, `it has ${info.size} bytes`);
  const bytes = await readFile(file);
  // Compose reads UTF-16 as well, where none of our words would be found.
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return bytes.toString("utf8");
}

/** Most files have neither aliases nor references to other files, and need no second parser. */
function needsParsing(text: string): boolean {
  return hasAliases(text) || /include|extends|\\[xuU]/.test(text);
}

function hasAliases(text: string): boolean {
  return /&[^\s,[\]{}]/.test(text) && /\*[^\s,[\]{}]/.test(text);
}

async function parse(file: string, text: string): Promise<Document[]> {
  if (hasAliases(text) && text.length > MAX_BYTES_WITH_ALIASES) {
    throw tooLarge(file, `it has aliases and ${text.length} characters`);
  }
  if (bracketDepth(text) > MAX_DEPTH) throw tooLarge(file, "it is nested too deeply");
  const { parseAllDocuments } = await import("yaml");
  try {
    // Syntax errors are Compose's to report. It reads every document of a file, not only the first.
    const parsed = parseAllDocuments(text, { logLevel: "silent", uniqueKeys: false, merge: true });
    const documents: Document[] = Array.isArray(parsed) ? parsed : [];
    let size = 0;
    for (const document of documents) size += await expandedSize(document);
    if (size > MAX_NODES) throw tooLarge(file, "its aliases expand without bound");
    return documents;
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(file, "it is nested too deeply");
    throw error;
  }
}

/** At most this deep: brackets in texts and comments count too. */
function bracketDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (bracket === "[" || bracket === "{" ? 1 : -1));
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Counts what an expansion would produce without expanding anything: each anchor is counted once. */
async function expandedSize(document: Document): Promise<number> {
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
  return count(document.contents);
}

function remote(file: string, name: string): RealServicesError {
  return new RealServicesError(
    "REAL_SERVICES_REMOTE_INCLUDE",
    `${file} includes a file from elsewhere: ${name}.`,
    {
      received: name,
      hint: "Copy that file into the project, or set `allowRemoteIncludes`.",
    },
  );
}

function tooLarge(file: string, why: string): RealServicesError {
  return new RealServicesError(
    "REAL_SERVICES_COMPOSE_FILE_TOO_LARGE",
    `${file} is refused: ${why}.`,
    {
      received: file,
      hint: `Limits: ${MAX_BYTES / 1024} KiB a file, ${MAX_BYTES_WITH_ALIASES / 1024} with aliases, ${MAX_NODES.toLocaleString("en")} nodes once they are expanded.`,
    },
  );
}

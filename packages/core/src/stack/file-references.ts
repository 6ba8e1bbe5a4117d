import { dirname, resolve } from "node:path";
import type { Document, Node, Pair } from "yaml";

/** What one compose file draws in, before Compose has read any of it. */
export interface FileReferences {
  /** As written: a path, or an address elsewhere. */
  readonly files: readonly string[];
  /** Folders that the paths within included files may start from, absolute. */
  readonly folders: readonly string[];
}

/**
 * The files that a document reaches by `include` and `extends`, also where an alias or a merge key
 * stands in between. Names with variables are left out: Compose alone can resolve them.
 */
export async function findReferences(file: string, document: Document): Promise<FileReferences> {
  const { isAlias, isMap, isScalar, isSeq } = await import("yaml");
  const files: string[] = [];
  const folders: string[] = [];

  const follow = (node: unknown): Node | undefined =>
    isAlias(node)
      ? node.resolve(document)
      : isMap(node) || isSeq(node) || isScalar(node)
        ? node
        : undefined;
  /** Its own pairs and those merged into it; each map once, so that merged bombs cost nothing. */
  const pairsOf = (node: unknown, seen = new Set<unknown>()): Pair[] => {
    const map = follow(node);
    if (seen.has(map)) return [];
    seen.add(map);
    if (isSeq(map)) return map.items.flatMap((item) => pairsOf(item, seen));
    if (!isMap(map)) return [];
    return map.items.flatMap((pair) => [
      pair,
      ...(nameOf(pair) === "<<" ? pairsOf(pair.value, seen) : []),
    ]);
  };
  const nameOf = ({ key }: Pair): unknown => {
    const node = follow(key);
    return isScalar(node) ? (typeof node.value === "symbol" ? "<<" : node.value) : undefined;
  };
  const valuesOf = (node: unknown, name: string): unknown[] =>
    pairsOf(node).flatMap((pair) => (nameOf(pair) === name ? [pair.value] : []));
  const textsOf = (node: unknown, seen = new Set<unknown>()): string[] => {
    const value = follow(node);
    if (seen.has(value)) return [];
    seen.add(value);
    if (isSeq(value)) return value.items.flatMap((item) => textsOf(item, seen));
    const isPlain =
      isScalar(value) && typeof value.value === "string" && !value.value.includes("$");
    return isPlain ? [String(value.value)] : [];
  };

  for (const included of valuesOf(document.contents, "include")) {
    const entries = follow(included);
    for (const entry of isSeq(entries) ? entries.items : [entries]) {
      files.push(...textsOf(entry), ...valuesOf(entry, "path").flatMap((path) => textsOf(path)));
      for (const folder of valuesOf(entry, "project_directory").flatMap((text) => textsOf(text))) {
        folders.push(resolve(dirname(file), folder));
      }
    }
  }
  for (const services of valuesOf(document.contents, "services")) {
    for (const { value } of pairsOf(services)) {
      for (const extended of valuesOf(value, "extends")) {
        files.push(...valuesOf(extended, "file").flatMap((path) => textsOf(path)));
      }
    }
  }
  return { files, folders };
}

/** A file that Compose would fetch from elsewhere. */
export function isRemote(name: string): boolean {
  return /^(?:oci:|https?:|git[@:+]|ssh:|github\.com\/)|\.git(?:#|$)/.test(name);
}

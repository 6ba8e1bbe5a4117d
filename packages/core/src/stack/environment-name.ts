/** Readable part of a name; with shard and id it stays well within what a host name may have. */
const PREFIX_LENGTH = 30;

/** A Compose project name that a person can tell and no other environment has: `shop-shard-2-of-4-3f9a1c`. */
export function environmentName(parts: {
  readonly prefix: string;
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  readonly id: string;
}): string {
  const readable = parts.prefix
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, PREFIX_LENGTH)
    .replace(/[-_]+$/, "");
  const shard =
    parts.shard === undefined ? [] : [`shard-${parts.shard.index}-of-${parts.shard.count}`];
  return [readable || "stack", ...shard, parts.id.slice(0, 6)].join("-");
}

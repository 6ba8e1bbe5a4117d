import { stat } from "node:fs/promises";
import type { EngineClient } from "../engine/client.ts";
import { findReachableHost } from "../engine/reachable-host.ts";
import type { ComposeModel } from "../stack/model.ts";

/**
 * What services mount of the host and is not there. Nothing for an engine elsewhere, or outside of
 * the container that this process is in: the paths are those of its host.
 */
export async function findMissingSources(
  { services }: ComposeModel,
  engine: EngineClient,
): Promise<ReadonlySet<string>> {
  const { isLocal } = await findReachableHost(engine, { bindAddress: undefined, host: undefined });
  if (!isLocal) return new Set();
  const sources = Object.values(services)
    .flatMap(({ volumes }) => volumes ?? [])
    .flatMap(({ type, source }) => (type === "bind" && source !== undefined ? [source] : []));
  const unique = [...new Set(sources)];
  const missing = await Promise.all(unique.map(isMissing));
  return new Set(unique.filter((_, index) => missing[index]));
}

/** What cannot be looked at may be there. */
async function isMissing(path: string): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    const { code } = error instanceof Error && "code" in error ? error : { code: undefined };
    return code === "ENOENT" || code === "ENOTDIR";
  }
}

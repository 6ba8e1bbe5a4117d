import { dirname, join } from "node:path/posix";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { OPTIONAL_LABEL } from "../stack/labels.ts";
import type { EngineClient } from "./client.ts";
import { endpointsOf } from "./container-networks.ts";
import { ignoringMissing } from "./engine-resources.ts";

/**
 * Removes a container and creates it as it was created: same name, image, ports, networks with their
 * aliases, lost ones as well, named volumes, files of configs and secrets; anonymous volumes are new.
 * Returns the new one's id; it is not started. The signal ends it only before the removal: a service
 * is not to be lost.
 */
export async function recreateContainer(
  engine: EngineClient,
  id: string,
  signal?: AbortSignal,
): Promise<string> {
  const before = await engine.inspectRaw(id, signal);
  const { Config: config, HostConfig: host } = before;
  const endpoints = endpointsOf(before).map(({ network, endpoint }) => [network, endpoint]);
  const files = await readFiles(engine, id, writtenFiles(config.Labels), signal);
  signal?.throwIfAborted();
  await engine.removeContainer(id);
  const created = await engine.createContainer(before.Name.replace(/^\//, ""), {
    ...config,
    HostConfig: host,
    NetworkingConfig: { EndpointsConfig: Object.fromEntries(endpoints) },
  });
  if (files !== undefined) await engine.putArchive(created, files);
  return created;
}

/** What was written into a container before its start, as its label tells. */
function writtenFiles(labels: Readonly<Record<string, string>>): readonly string[] {
  const paths: unknown = JSON.parse(labels[OPTIONAL_LABEL.files] ?? "[]");
  return Array.isArray(paths) ? paths.map(String) : [];
}

/** A tar archive of these files to unpack at the root; undefined when there is none. */
async function readFiles(
  engine: EngineClient,
  id: string,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Buffer | undefined> {
  if (paths.length === 0) return undefined;
  const { extract, pack } = await import("tar-stream");
  const all = pack();
  for (const path of paths) {
    const archive = await ignoringMissing(engine.readArchive(id, path, signal));
    // The service has removed it.
    if (archive === undefined) continue;
    const entries = extract();
    entries.on("entry", (header, content, next) => {
      // The engine names an entry by the last part of its path alone.
      const name = join(dirname(path), header.name).replace(/^\/+/, "");
      buffer(content).then((bytes) => void all.entry({ ...header, name }, bytes, next), next);
    });
    await pipeline([archive], entries);
  }
  all.finalize();
  return buffer(all);
}

import { dirname, join } from "node:path/posix";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { OPTIONAL_LABEL } from "../stack/labels.ts";
import type { EngineClient } from "./client.ts";
import { endpointsOf } from "./container-networks.ts";
import type { Dockerode } from "./dockerode.ts";
import { ignoringMissing } from "./engine-resources.ts";

/**
 * Removes a container and creates it as it was created: same name, image, ports, networks with their
 * aliases, lost ones as well, named volumes, files of configs and secrets; anonymous volumes are new.
 * Returns the new one's id; it is not started. The signal ends it only before the removal: a service
 * is not to be lost.
 * @param successors of containers that are gone: what had joined one of those joins the new one
 */
export async function recreateContainer(
  engine: EngineClient,
  id: string,
  successors: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<string> {
  const before = await engine.inspectRaw(id, signal);
  const { Config: config, HostConfig: host } = before;
  const endpoints = endpointsOf(before).map(({ network, endpoint }) => [network, endpoint]);
  const files = await readFiles(engine, id, writtenFiles(config.Labels), signal);
  signal?.throwIfAborted();
  await engine.removeContainer(id);
  const created = await engine.createContainer(before.Name.replace(/^\//, ""), {
    ...(joinedContainer(host.NetworkMode) === undefined ? config : withoutHost(config)),
    HostConfig: joinSuccessors(host, successors),
    NetworkingConfig: { EndpointsConfig: Object.fromEntries(endpoints) },
  });
  if (files !== undefined) await engine.putArchive(created, files);
  return created;
}

/** The full id of the container whose namespace a mode joins. */
export function joinedContainer(mode: string | undefined): string | undefined {
  return /^container:(.+)$/.exec(mode ?? "")?.[1];
}

function joinSuccessors<T extends object>(host: T, successors: ReadonlyMap<string, string>): T {
  const joined = Object.entries(host).flatMap(([key, mode]) => {
    const successor =
      typeof mode === "string" ? successors.get(joinedContainer(mode) ?? "") : undefined;
    return successor === undefined ? [] : [[key, `container:${successor}`]];
  });
  return { ...host, ...Object.fromEntries(joined) };
}

/** The host's name and ports are the joined container's own; the engine refuses to be told them again. */
function withoutHost(config: Dockerode.ContainerInspectInfo["Config"]): object {
  const { Hostname: _hostname, Domainname: _domain, ExposedPorts: _ports, ...own } = config;
  return own;
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

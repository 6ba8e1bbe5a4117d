import type { Dockerode } from "./dockerode.ts";
import type { EngineEndpoint } from "./endpoint.ts";
import { type RawDiskUsage, toDiskUsage } from "./engine-answers.ts";
import { EngineHttp } from "./engine-http.ts";
import { engineStart } from "./engine-restart.ts";
import type { DiskUsage, NetworkSummary, VolumeSummary } from "./engine-shapes.ts";
import { engineStatus } from "./engine-status.ts";

/** Starting and removing wait for the kernel, for storage, for a busy engine. */
export const SLOW_CALL_MS = 60_000;

const IMAGE_NAME = /^[a-z0-9][\w.:@-]*(?:\/[a-z0-9][\w.:@-]*)*$/i;

interface RawVolume {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly CreatedAt?: string;
}

/** Images, networks, volumes and the disk of an engine. */
export class EngineResources {
  readonly endpoint: EngineEndpoint;
  protected readonly http: EngineHttp;

  constructor(endpoint: EngineEndpoint) {
    this.endpoint = endpoint;
    this.http = new EngineHttp(endpoint);
  }

  /** Undefined when the engine does not have the image. */
  async inspectImage(
    image: string,
    signal?: AbortSignal,
  ): Promise<{ readonly hasCheck: boolean } | undefined> {
    // It becomes a part of the request's path: what is no name of an image does not exist.
    if (!IMAGE_NAME.test(image)) return undefined;
    const call = this.http.json<Dockerode.ImageInspectInfo>({
      what: "inspect image",
      path: `/images/${image}/json`,
      signal,
    });
    const details = await ignoringMissing(call);
    if (details === undefined) return undefined;
    const [kind = "NONE"] = details.Config?.Healthcheck?.Test ?? [];
    return { hasCheck: kind !== "NONE" };
  }

  /** Images with this label. */
  async listImages(
    label: string,
    signal?: AbortSignal,
  ): Promise<{ readonly id: string; readonly name: string }[]> {
    const query = { filters: { label: [label] } };
    const list = await this.http.json<Dockerode.ImageInfo[]>({
      what: "list images",
      path: "/images/json",
      query,
      signal,
    });
    return list.map(({ Id: id, RepoTags: tags }) => ({ id, name: tags?.[0] ?? id.slice(7, 19) }));
  }

  /** Not by force: one that something uses is an error. */
  async removeImage(id: string, signal?: AbortSignal): Promise<void> {
    const path = `/images/${encodeURIComponent(id)}`;
    await ignoringMissing(
      this.http.bytes({
        what: "remove image",
        method: "DELETE",
        path,
        signal,
        timeoutMs: SLOW_CALL_MS,
      }),
    );
  }

  /** The room that everything takes, in bytes. */
  async diskUse(timeoutMs: number, signal?: AbortSignal): Promise<DiskUsage> {
    const all = await this.http.json<RawDiskUsage>({
      what: "measure disk use",
      path: "/system/df",
      signal,
      timeoutMs,
    });
    return toDiskUsage(all);
  }

  async listNetworks(signal?: AbortSignal): Promise<NetworkSummary[]> {
    const list = await this.http.json<Dockerode.NetworkInspectInfo[]>({
      what: "list networks",
      path: "/networks",
      signal,
    });
    return list.map((item) => ({
      id: item.Id,
      name: item.Name,
      labels: item.Labels ?? {},
      subnets: (item.IPAM?.Config ?? []).flatMap((config) => config.Subnet ?? []),
    }));
  }

  /** When the engine was started, in milliseconds by its own clock; undefined where that cannot be known. */
  async startedAt(signal?: AbortSignal): Promise<number | undefined> {
    const bridge = await ignoringMissing(
      this.http.json<Dockerode.NetworkInspectInfo>({
        what: "inspect network",
        path: "/networks/bridge",
        signal,
      }),
    );
    return bridge && engineStart(bridge);
  }

  /** Takes a container off a network. One that is not on it is a success. */
  async disconnect(network: string, container: string, signal?: AbortSignal): Promise<void> {
    const path = `/networks/${encodeURIComponent(network)}/disconnect`;
    const body = { Container: container, Force: true };
    await ignoringMissing(
      this.http.bytes({ what: "disconnect", method: "POST", path, signal, body }),
    );
  }

  /** Puts a container on a network. @param endpoint as the engine's API takes it */
  async connect(
    network: string,
    container: string,
    endpoint: object,
    signal?: AbortSignal,
  ): Promise<void> {
    const path = `/networks/${encodeURIComponent(network)}/connect`;
    const body = { Container: container, EndpointConfig: endpoint };
    await this.http.bytes({ what: "connect", method: "POST", path, signal, body });
  }

  async removeNetwork(id: string, signal?: AbortSignal): Promise<void> {
    const path = `/networks/${encodeURIComponent(id)}`;
    await ignoringMissing(
      this.http.bytes({
        what: "remove network",
        method: "DELETE",
        path,
        signal,
        timeoutMs: SLOW_CALL_MS,
      }),
    );
  }

  async hasVolume(name: string, signal?: AbortSignal): Promise<boolean> {
    return (await this.inspectVolume(name, signal)) !== undefined;
  }

  /** Undefined when there is none of this name. */
  async inspectVolume(
    name: string,
    signal?: AbortSignal,
  ): Promise<(VolumeSummary & { readonly createdAt: number }) | undefined> {
    const path = `/volumes/${encodeURIComponent(name)}`;
    const found = await ignoringMissing(
      this.http.json<RawVolume>({ what: "inspect volume", path, signal }),
    );
    if (found === undefined) return undefined;
    const createdAt = Date.parse(found.CreatedAt ?? "");
    return { name: found.Name, labels: found.Labels ?? {}, createdAt };
  }

  async listVolumes(label: string, signal?: AbortSignal): Promise<VolumeSummary[]> {
    const query = { filters: { label: [label] } };
    const { Volumes: list } = await this.http.json<{
      Volumes: RawVolume[] | null;
    }>({ what: "list volumes", path: "/volumes", query, signal });
    return (list ?? []).map((item) => ({ name: item.Name, labels: item.Labels ?? {} }));
  }

  async createVolume(
    name: string,
    labels: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<void> {
    const body = { Name: name, Labels: labels };
    await this.http.bytes({
      what: "create volume",
      method: "POST",
      path: "/volumes/create",
      signal,
      body,
    });
  }

  async removeVolume(name: string, signal?: AbortSignal): Promise<void> {
    const path = `/volumes/${encodeURIComponent(name)}`;
    const query = { force: true };
    await ignoringMissing(
      this.http.bytes({
        what: "remove volume",
        method: "DELETE",
        path,
        signal,
        timeoutMs: SLOW_CALL_MS,
        query,
      }),
    );
  }
}

/** What is gone already is a success of its removal, and undefined to who looks for it. */
export async function ignoringMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (engineStatus(error) === 404) return undefined;
    throw error;
  }
}

import type { EngineClient } from "./client.ts";

/**
 * Removes a container and creates it as it was created: same name, image, ports, networks with their
 * aliases, named volumes; anonymous volumes are new. Returns the new one's id; it is not started.
 */
export async function recreateContainer(
  engine: EngineClient,
  id: string,
  signal?: AbortSignal,
): Promise<string> {
  const before = await engine.inspectRaw(id, signal);
  const { Config: config, HostConfig: host, NetworkSettings: network } = before;
  const endpoints = Object.entries(network.Networks ?? {}).map(([name, endpoint]) => [
    name,
    {
      // The engine adds the short id by itself.
      Aliases: (endpoint.Aliases ?? []).filter((alias: string) => !id.startsWith(alias)),
      Links: endpoint.Links,
      IPAMConfig: endpoint.IPAMConfig,
    },
  ]);
  await engine.removeContainer(id, signal);
  return engine.createContainer(
    before.Name.replace(/^\//, ""),
    {
      ...config,
      HostConfig: host,
      NetworkingConfig: { EndpointsConfig: Object.fromEntries(endpoints) },
    },
    signal,
  );
}

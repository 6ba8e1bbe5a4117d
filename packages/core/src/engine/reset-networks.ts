import type { EngineClient } from "./client.ts";

/**
 * Takes a container off all of its networks and puts it back, with its aliases and addresses. The
 * signal ends it only in between: a container is not to be left off a network.
 */
export async function resetNetworks(
  engine: EngineClient,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  const { NetworkSettings: settings } = await engine.inspectRaw(id, signal);
  for (const [name, endpoint] of Object.entries(settings.Networks ?? {})) {
    const { Aliases: aliases, Links, IPAMConfig } = endpoint;
    const network = endpoint.NetworkID || name;
    signal?.throwIfAborted();
    await engine.disconnect(network, id);
    const Aliases = (aliases ?? []).filter((alias: string) => !id.startsWith(alias));
    await engine.connect(network, id, { Aliases, Links, IPAMConfig });
  }
}

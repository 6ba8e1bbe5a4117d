import type { EngineClient } from "./client.ts";

/** Takes a container off all of its networks and puts it back, with its aliases and addresses. */
export async function resetNetworks(
  engine: EngineClient,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  const { NetworkSettings: settings } = await engine.inspectRaw(id, signal);
  for (const [name, endpoint] of Object.entries(settings.Networks ?? {})) {
    const { Aliases: aliases, Links, IPAMConfig } = endpoint;
    const network = endpoint.NetworkID || name;
    await engine.disconnect(network, id, signal);
    const Aliases = (aliases ?? []).filter((alias: string) => !id.startsWith(alias));
    await engine.connect(network, id, { Aliases, Links, IPAMConfig }, signal);
  }
}

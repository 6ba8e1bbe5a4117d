import { readAttachments } from "../stack/attachments.ts";
import type { EngineClient } from "./client.ts";

type Inspection = Awaited<ReturnType<EngineClient["inspectRaw"]>>;

export interface NetworkEndpoint {
  /** Name of the network on the engine. */
  readonly network: string;
  /** As the engine's API takes it. */
  readonly endpoint: object;
  /** The container belongs on it, and somebody has taken it off. */
  readonly isLost: boolean;
}

/** The networks that a container is on, and those that it was created on and has lost since. */
export function endpointsOf({ Id: id, Config, NetworkSettings }: Inspection): NetworkEndpoint[] {
  const present = NetworkSettings.Networks ?? {};
  const kept = Object.entries(present).map(([network, { Aliases, Links, IPAMConfig }]) => {
    // The engine adds the short id by itself.
    const aliases = (Aliases ?? []).filter((alias: string) => !id.startsWith(alias));
    return { network, endpoint: { Aliases: aliases, Links, IPAMConfig }, isLost: false };
  });
  const lost = Object.entries(readAttachments(Config.Labels))
    .filter(([network]) => !(network in present))
    .map(([network, { aliases, ipv4, ipv6 }]) => {
      const addresses = { IPv4Address: ipv4, IPv6Address: ipv6 };
      return { network, endpoint: { Aliases: aliases, IPAMConfig: addresses }, isLost: true };
    });
  return [...kept, ...lost];
}

/**
 * Takes a container off all of its networks and puts it back, with its aliases and addresses. The
 * signal ends it only in between: a container is not to be left off a network.
 */
export async function resetNetworks(
  engine: EngineClient,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  for (const { network, endpoint, isLost } of endpointsOf(await engine.inspectRaw(id, signal))) {
    signal?.throwIfAborted();
    if (!isLost) await engine.disconnect(network, id);
    await engine.connect(network, id, endpoint);
  }
}

/** Puts a container back on the networks that it has lost. */
export async function rejoinNetworks(
  engine: EngineClient,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  for (const { network, endpoint, isLost } of endpointsOf(await engine.inspectRaw(id, signal))) {
    if (isLost) await engine.connect(network, id, endpoint, signal);
  }
}

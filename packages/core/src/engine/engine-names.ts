import { isExternal } from "../stack/isolate-networks.ts";
import type { ComposeModel } from "../stack/model.ts";
import type { EngineNames } from "../stack/shared-state.ts";
import type { EngineClient } from "./client.ts";

/** What of the stack's expectations the engine has; it is asked only where the stack expects something. */
export async function readEngineNames(
  client: EngineClient,
  { networks = {}, volumes = {} }: ComposeModel,
  signal?: AbortSignal,
): Promise<EngineNames> {
  const externalVolumes = Object.entries(volumes)
    .filter(([, volume]) => isExternal(volume))
    .map(([name, volume]) => volume?.name ?? name);
  const [networkList, found] = await Promise.all([
    Object.values(networks).some(isExternal) ? client.listNetworks(signal) : [],
    Promise.all(
      externalVolumes.map(async (name) => ((await client.hasVolume(name, signal)) ? [name] : [])),
    ),
  ]);
  return {
    networks: new Set(networkList.map(({ name }) => name)),
    volumes: new Set(found.flat()),
  };
}

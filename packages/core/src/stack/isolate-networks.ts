import type { ComposeAttachment, ComposeModel, ComposeNetwork, ComposeService } from "./model.ts";
import { contains, moveAddress, parseSubnet, prefixFor } from "./subnets.ts";

/** A subnet that the environment needs: one for every network that the engine's bridge driver makes. */
export interface NetworkSlot {
  readonly network: string;
  readonly family: "ipv4" | "ipv6";
  readonly prefix: number;
  /** The user's own subnet, whose addresses move to the new one. */
  readonly replaces: string | undefined;
}

/** Drivers whose addresses belong to the network outside of the host: they cannot be moved. */
export function isBridge(network: ComposeNetwork | null): boolean {
  const driver = network?.driver;
  return driver === undefined || driver === "" || driver === "bridge";
}

export function isExternal(item: { readonly external?: boolean } | null): boolean {
  return item?.external === true;
}

/** The subnets to pick, in the order in which `isolateNetworks` takes them. */
export function networkSlots(model: ComposeModel): NetworkSlot[] {
  return Object.entries(model.networks ?? {}).flatMap(([name, network]): NetworkSlot[] => {
    if (isExternal(network) || !isBridge(network)) return [];
    const own = (network?.ipam?.config ?? []).flatMap((config) => config.subnet ?? []);
    const slots = own.map((subnet): NetworkSlot => {
      const prefix = parseSubnet(subnet)?.prefix;
      return prefix === undefined
        ? { network: name, family: "ipv6", prefix: Number(subnet.split("/")[1]), replaces: subnet }
        : { network: name, family: "ipv4", prefix, replaces: subnet };
    });
    if (slots.some(({ family }) => family === "ipv4")) return slots;
    const prefix = prefixFor(containersOn(model, name));
    return [{ network: name, family: "ipv4", prefix, replaces: undefined }, ...slots];
  });
}

/** The networks under names and in subnets of the environment's own. */
export function isolateNetworks(
  model: ComposeModel,
  project: string,
  subnets: readonly string[],
  labels: Readonly<Record<string, string>>,
): Record<string, ComposeNetwork> {
  const moves = subnetMoves(model, subnets);
  const networks: Record<string, ComposeNetwork> = {};
  for (const [name, original] of Object.entries(model.networks ?? {})) {
    const network = original ?? {};
    if (isExternal(network)) {
      networks[name] = network;
      continue;
    }
    const { driver_opts: driverOptions, ipam, ...rest } = network;
    const options = withoutBridgeName(driverOptions);
    networks[name] = {
      ...rest,
      ...(options === undefined ? {} : { driver_opts: options }),
      ...(isBridge(network)
        ? { ipam: { ...ipam, config: moveIpam(ipam?.config ?? [], moves.get(name) ?? []) } }
        : ipam === undefined
          ? {}
          : { ipam }),
      name: `${project}_${name}`,
      labels: { ...network.labels, ...labels },
    };
  }
  return networks;
}

/** A service's attachments: static addresses move with their subnet, the old name stays as an alias. */
export function isolateAttachments(
  service: ComposeService,
  model: ComposeModel,
  subnets: readonly string[],
): NonNullable<ComposeService["networks"]> {
  const moves = subnetMoves(model, subnets);
  return Object.fromEntries(
    Object.entries(service.networks ?? {}).map(([name, attachment]) => {
      const moved: Record<string, unknown> = {};
      for (const key of ["ipv4_address", "ipv6_address"]) {
        const address = attachment?.[key];
        if (typeof address === "string") moved[key] = move(address, moves.get(name) ?? []);
      }
      const alias = service.container_name;
      if (alias !== undefined) moved["aliases"] = [...(attachment?.aliases ?? []), alias];
      const result: ComposeAttachment | null =
        attachment === null && Object.keys(moved).length === 0 ? null : { ...attachment, ...moved };
      return [name, result];
    }),
  );
}

interface SubnetMove {
  readonly from: string | undefined;
  readonly to: string;
}

function subnetMoves(
  model: ComposeModel,
  subnets: readonly string[],
): ReadonlyMap<string, readonly SubnetMove[]> {
  const moves = networkSlots(model).map((slot, index) => ({
    network: slot.network,
    from: slot.replaces,
    to: subnets[index] ?? "",
  }));
  return Map.groupBy(moves, ({ network }) => network);
}

type IpamConfig = NonNullable<NonNullable<ComposeNetwork["ipam"]>["config"]>[number];

function moveIpam(configs: readonly IpamConfig[], moves: readonly SubnetMove[]): IpamConfig[] {
  const added = moves.filter(({ from }) => from === undefined).map(({ to }) => ({ subnet: to }));
  const moved = configs.map((config): IpamConfig => {
    if (config.subnet === undefined) return config;
    const { gateway, ip_range: range, aux_addresses: others } = config;
    return {
      ...config,
      subnet: moves.find(({ from }) => from === config.subnet)?.to ?? config.subnet,
      ...(gateway === undefined ? {} : { gateway: move(gateway, moves) }),
      ...(range === undefined ? {} : { ip_range: move(range, moves) }),
      ...(others === undefined
        ? {}
        : {
            aux_addresses: Object.fromEntries(
              Object.entries(others).map(([name, address]) => [name, move(address, moves)]),
            ),
          }),
    };
  });
  return [...added, ...moved];
}

function move(address: string, moves: readonly SubnetMove[]): string {
  const host = address.split("/")[0] ?? "";
  const found = moves.find(({ from }) => from !== undefined && contains(from, host));
  return found?.from === undefined ? address : moveAddress(address, found.from, found.to);
}

/** A fixed name of the host's interface would be the same in every copy. */
function withoutBridgeName(
  options: ComposeNetwork["driver_opts"],
): Record<string, string> | undefined {
  if (options === undefined) return undefined;
  const rest = Object.entries(options).filter(
    ([name]) => name !== "com.docker.network.bridge.name",
  );
  return Object.fromEntries(rest);
}

function containersOn(model: ComposeModel, network: string): number {
  return Object.values(model.services)
    .filter((service) => service.networks !== undefined && network in service.networks)
    .reduce((total, service) => total + replicasOf(service), 0);
}

/** How many containers Compose makes for a service. */
export function replicasOf(service: ComposeService): number {
  return service.scale ?? service.deploy?.replicas ?? 1;
}

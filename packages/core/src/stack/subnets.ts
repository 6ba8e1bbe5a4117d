import { BlockList, isIPv4 } from "node:net";

/**
 * Where environments get their addresses from. The small networks that we choose ourselves live in
 * the block reserved for benchmarks (RFC 2544), which nobody routes: 4,096 of them fit, where the
 * engine's own default pools hold 30. Larger ones, where the user asked for that size, come from
 * private space.
 */
const POOLS = [
  { base: toNumber("198.18.0.0"), prefix: 15 },
  { base: toNumber("10.0.0.0"), prefix: 8 },
];
/** The first pool is for networks up to this size. */
const LARGEST_IN_FIRST_POOL = 20;

/** Room for 28 containers beside gateway, network and broadcast address. */
export const SMALL_PREFIX = 27;

/** An IPv4 subnet as numbers. */
export interface Subnet {
  readonly base: number;
  readonly prefix: number;
}

/** The smallest prefix we use that has room for so many containers. */
export function prefixFor(containers: number): number {
  let prefix = SMALL_PREFIX;
  // Network, broadcast, gateway, and one that leaves while its successor is already there.
  while (2 ** (32 - prefix) < containers + 4) prefix -= 1;
  return prefix;
}

/**
 * A free subnet for each wanted prefix, none overlapping another or one in use; undefined when the
 * pools are full. `start` (0 to 1) says where to begin, so that two processes seldom want the same.
 */
export function pickSubnets(
  prefixes: readonly number[],
  used: readonly string[],
  start: number,
): string[] | undefined {
  const taken = used.flatMap((cidr) => parseSubnet(cidr) ?? []);
  const picked: string[] = [];
  for (const prefix of prefixes) {
    const free = findFree(prefix, taken, start);
    if (free === undefined) return undefined;
    taken.push(free);
    picked.push(`${toText(free.base)}/${prefix}`);
  }
  return picked;
}

function findFree(prefix: number, taken: readonly Subnet[], start: number): Subnet | undefined {
  const pools = prefix < LARGEST_IN_FIRST_POOL ? POOLS.slice(1) : POOLS;
  for (const pool of pools) {
    if (prefix < pool.prefix || prefix > 30) continue;
    const size = 2 ** (32 - prefix);
    const count = 2 ** (prefix - pool.prefix);
    const first = Math.floor(start * count) % count;
    for (let step = 0; step < count; step += 1) {
      const subnet = { base: pool.base + ((first + step) % count) * size, prefix };
      const other = taken.find((one) => overlaps(subnet, one));
      if (other === undefined) return subnet;
      // A large neighbour is stepped over at once instead of address by address.
      const end = other.base + 2 ** (32 - other.prefix);
      step += Math.max(0, Math.floor((end - subnet.base) / size) - 1);
    }
  }
  return undefined;
}

function overlaps(a: Subnet, b: Subnet): boolean {
  return a.base < b.base + 2 ** (32 - b.prefix) && b.base < a.base + 2 ** (32 - a.prefix);
}

/** Undefined for IPv6 and for what is no subnet. */
export function parseSubnet(cidr: string): Subnet | undefined {
  const [address = "", length] = cidr.split("/");
  const prefix = Number(length);
  if (!isIPv4(address) || !Number.isInteger(prefix) || prefix < 0 || prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  return { base: Math.floor(toNumber(address) / size) * size, prefix };
}

/** The address with the same host part in another subnet of the same size. */
export function moveAddress(address: string, from: string, to: string): string {
  const old = parseSubnet(from);
  const target = parseSubnet(to);
  if (old === undefined || target === undefined) return moveAddress6(address, from, to);
  const [host = "", length] = address.split("/");
  const moved = toText(toNumber(host) - old.base + target.base);
  // An `ip_range` is a subnet itself and keeps its length.
  return length === undefined ? moved : `${moved}/${length}`;
}

export function contains(cidr: string, address: string): boolean {
  const [base = "", prefix] = cidr.split("/");
  const family = isIPv4(base) ? "ipv4" : "ipv6";
  if (isIPv4(address) !== (family === "ipv4")) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(prefix), family);
  return list.check(address, family);
}

/** A random unique local subnet (RFC 4193) of the given size, at least a /64. */
export function randomSubnet6(prefix: number, random: () => number): string {
  const group = () => Math.floor(random() * 0x1_0000).toString(16);
  return `fd${Math.floor(random() * 256)
    .toString(16)
    .padStart(2, "0")}:${group()}:${group()}::/${Math.max(48, Math.min(64, prefix))}`;
}

/** Keeps what follows the network's own groups; subnets of whole groups, as `randomSubnet6` makes them. */
function moveAddress6(address: string, from: string, to: string): string {
  const groups = Math.ceil(Number(from.split("/")[1] ?? 64) / 16);
  const [host = "", length] = address.split("/");
  const own = expand6(host).slice(groups);
  const network = expand6(to.split("/")[0] ?? "").slice(0, groups);
  const moved = [...network, ...own].join(":");
  return length === undefined ? moved : `${moved}/${length}`;
}

function expand6(address: string): string[] {
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return tail === undefined ? left : [...left, ...zeros, ...right];
}

function toNumber(address: string): number {
  return address.split(".").reduce((total, part) => total * 256 + Number(part), 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

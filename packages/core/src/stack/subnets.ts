/**
 * Addresses for environments: the block reserved for benchmarks (RFC 2544), which nobody routes.
 * The engine's own default pools hold 30 networks; here 4,096 small ones fit.
 */
const POOL = { base: toNumber("198.18.0.0"), prefix: 15 };

/** Enough for 28 containers beside gateway, network and broadcast address. */
export const SMALL_PREFIX = 27;

interface Block {
  readonly base: number;
  readonly size: number;
}

/**
 * A free subnet for each wanted prefix, none overlapping another or one in use; undefined when the
 * pool is full. `start` (0 to 1) says where to begin, so that two processes seldom want the same.
 */
export function pickSubnets(
  prefixes: readonly number[],
  used: readonly string[],
  start: number,
): string[] | undefined {
  const taken = used.flatMap((cidr) => parseCidr(cidr) ?? []);
  const picked: string[] = [];
  for (const prefix of prefixes) {
    const block = findFree(prefix, taken, start);
    if (block === undefined) return undefined;
    taken.push(block);
    picked.push(`${toText(block.base)}/${prefix}`);
  }
  return picked;
}

function findFree(prefix: number, taken: readonly Block[], start: number): Block | undefined {
  if (prefix < POOL.prefix || prefix > 30) return undefined;
  const size = 2 ** (32 - prefix);
  const count = 2 ** (prefix - POOL.prefix);
  const first = Math.floor(start * count) % count;
  for (let step = 0; step < count; step += 1) {
    const block = { base: POOL.base + ((first + step) % count) * size, size };
    if (!taken.some((other) => overlaps(block, other))) return block;
  }
  return undefined;
}

function overlaps(a: Block, b: Block): boolean {
  return a.base < b.base + b.size && b.base < a.base + a.size;
}

/** Undefined for IPv6 and for what is no subnet. */
function parseCidr(cidr: string): Block | undefined {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(cidr);
  if (match?.[1] === undefined) return undefined;
  const size = 2 ** (32 - Number(match[2]));
  return { base: Math.floor(toNumber(match[1]) / size) * size, size };
}

function toNumber(address: string): number {
  return address.split(".").reduce((total, part) => total * 256 + Number(part), 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { RealServicesError } from "../errors.ts";
import { type Claim, claim, unclaim } from "../ownership/claim.ts";
import { deadOwnerTest } from "../ownership/dead-owner.ts";
import { writeOwner } from "../ownership/owner.ts";
import { readOwnIdentity } from "../ownership/process-identity.ts";
import { stateFolder } from "../ownership/state-folder.ts";

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Below Linux's ephemeral range first: there no outgoing connection can take the port away. */
const RANGES: readonly PortRange[] = [
  { from: 30_000, to: 32_767 },
  { from: 32_768, to: 40_000 },
];

/** Host ports that belong to one environment until they are given back. */
export interface PortLeases {
  /** For each wanted count so many ports in a row. */
  readonly blocks: readonly (readonly number[])[];
  /** Exchanges the block with a port that the engine could not bind. */
  replace(port: number): Promise<void>;
  release(): void;
}

export interface LeaseRequest {
  /** For each published port how many host ports in a row it needs: one a replica. */
  readonly counts: readonly number[];
  /** For each of them what it is for, in words for an error. @default nothing */
  readonly purposes?: readonly string[];
  /** The address that the ports will be bound on. */
  readonly address: string;
  /** False for an engine elsewhere: a local probe says nothing about its ports. */
  readonly canProbe: boolean;
  /** Ports that the engine is known to publish already. */
  readonly avoid: ReadonlySet<number>;
  /** In order of preference. @default 30000–32767, then up to 40000 */
  readonly ranges?: readonly PortRange[];
}

/**
 * Leases free host ports of 30000–40000: no two processes of this user on this host get the same
 * one while both live. Another user, or a program that knows nothing of leases, can still be
 * faster; then the engine's bind fails, and `replace` finds another.
 * Throws REAL_SERVICES_PORTS_EXHAUSTED.
 */
export async function leasePorts(request: LeaseRequest): Promise<PortLeases> {
  const folder = stateFolder("ports");
  const self = await readOwnIdentity();
  const owner = writeOwner(self);
  const isDead = deadOwnerTest();
  const held = new Map<number, Claim>();
  const ranges = request.ranges ?? RANGES;
  const candidates = candidatePorts(ranges, self.pid + Date.now());

  const leaseOne = async (port: number): Promise<boolean> => {
    if (request.avoid.has(port) || held.has(port)) return false;
    const path = join(folder, String(port));
    const claimed = await claim(path, owner, isDead);
    if (claimed === undefined) return false;
    if (!request.canProbe || (await isFree(port, request.address))) {
      held.set(port, claimed);
      return true;
    }
    unclaim(path, claimed);
    return false;
  };
  const giveBack = (ports: readonly number[]) => {
    for (const port of ports) {
      const claimed = held.get(port);
      held.delete(port);
      if (claimed !== undefined) unclaim(join(folder, String(port)), claimed);
    }
  };
  const leaseBlock = async (count: number, purpose?: string): Promise<number[]> => {
    let block: number[] = [];
    // Not `for … of`: leaving that loop would end the generator for the next lease.
    for (let next = candidates.next(); !next.done; next = candidates.next()) {
      const port = next.value;
      if (block.length > 0 && port !== (block.at(-1) ?? 0) + 1) {
        giveBack(block);
        block = [];
      }
      if (await leaseOne(port)) block.push(port);
      else {
        giveBack(block);
        block = [];
      }
      if (block.length === count) return block;
    }
    giveBack(block);
    throw exhausted(folder, count, ranges, purpose);
  };

  const blocks: number[][] = [];
  try {
    for (const [index, count] of request.counts.entries()) {
      blocks.push(await leaseBlock(count, request.purposes?.[index]));
    }
  } catch (error) {
    giveBack(blocks.flat());
    throw error;
  }
  return {
    blocks,
    replace: async (port) => {
      const index = blocks.findIndex((block) => block.includes(port));
      const lost = blocks[index];
      if (lost === undefined) throw new RangeError(`Port ${port} is not leased.`);
      blocks[index] = await leaseBlock(lost.length, request.purposes?.[index]);
      giveBack(lost);
    },
    release: () => giveBack([...held.keys()]),
  };
}

/** A hint only: between this look and the engine's bind anybody may come. */
async function isFree(port: number, address: string): Promise<boolean> {
  const { default: getPort } = await import("get-port");
  return (await getPort({ port, host: address })) === port;
}

/** Every port once, the preferred ones first, each range from a place of its own so that processes seldom meet. */
function* candidatePorts(ranges: readonly PortRange[], seed: number): Generator<number> {
  for (const { from, to } of ranges) {
    const count = to - from + 1;
    const first = (seed * 7_919) % count;
    for (let step = 0; step < count; step += 1) yield from + ((first + step) % count);
  }
}

function exhausted(
  folder: string,
  count: number,
  ranges: readonly PortRange[],
  purpose?: string,
): RealServicesError {
  const ports = ranges.flatMap(({ from, to }) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index),
  );
  const leased = ports.filter((port) => existsSync(join(folder, String(port)))).length;
  return new RealServicesError(
    "REAL_SERVICES_PORTS_EXHAUSTED",
    `No ${count === 1 ? "free port is" : `${count} free ports in a row are`} left${purpose === undefined ? "" : ` for ${purpose}`} in ${ports[0]}–${ports.at(-1)}: ${leased} of ${ports.length} are leased.`,
    {
      received: count,
      hint: "`npx docker-manual status` shows who holds them, `npx docker-manual clean` removes orphans.",
    },
  );
}

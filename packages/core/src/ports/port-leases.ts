import { join } from "node:path";
import { RealServicesError } from "../errors.ts";
import { judgeLiveness } from "../ownership/liveness.ts";
import { type ProcessOwner, readOwner, writeOwner } from "../ownership/owner.ts";
import { readOwnIdentity, readProcess } from "../ownership/process-identity.ts";
import { stateFolder } from "../ownership/state-folder.ts";
import { type Claim, claim, unclaim } from "./claim.ts";

/** Below Linux's ephemeral range first: there no outgoing connection can take the port away. */
const PREFERRED = { from: 30_000, to: 32_767 };
const OVERLAPPING = { from: 32_768, to: 40_000 };

/** Host ports that belong to one environment until they are given back. */
export interface PortLeases {
  readonly ports: readonly number[];
  /** Exchanges one port that the engine could not bind. */
  replace(port: number): Promise<number>;
  release(): void;
}

export interface LeaseOptions {
  readonly count: number;
  /** The address that the ports will be bound on. */
  readonly address: string;
  /** Ports that the engine is known to publish already. */
  readonly avoid: ReadonlySet<number>;
}

/**
 * Leases free host ports of 30000–40000: no two processes of this user on this host get the same
 * one while both live. Another user, or a program that knows nothing of leases, can still be
 * faster; then the engine's bind fails, and `replace` finds another.
 * Throws REAL_SERVICES_PORTS_EXHAUSTED.
 */
export async function leasePorts(options: LeaseOptions): Promise<PortLeases> {
  const folder = stateFolder("ports");
  const self = await readOwnIdentity();
  const owner = writeOwner(self);
  const isDead = rememberedVerdict(self);
  const held = new Map<number, Claim>();
  const candidates = candidatePorts(self.pid + Date.now());
  const { default: getPort } = await import("get-port");

  const leaseOne = async (): Promise<number> => {
    // Not `for … of`: leaving that loop would end the generator for the next lease.
    for (let next = candidates.next(); !next.done; next = candidates.next()) {
      const port = next.value;
      if (options.avoid.has(port) || held.has(port)) continue;
      const path = join(folder, String(port));
      const claimed = await claim(path, owner, isDead);
      if (claimed === undefined) continue;
      if ((await getPort({ port, host: options.address })) === port) {
        held.set(port, claimed);
        return port;
      }
      unclaim(path, claimed);
    }
    throw new RealServicesError(
      "REAL_SERVICES_PORTS_EXHAUSTED",
      `No free port is left in ${PREFERRED.from}–${OVERLAPPING.to}.`,
      {
        received: options.count,
        hint: "Run `npx docker-manual status` to see who holds them, `npx docker-manual clean` to remove orphans.",
      },
    );
  };
  const giveBack = (port: number) => {
    const claimed = held.get(port);
    if (claimed === undefined) return;
    held.delete(port);
    unclaim(join(folder, String(port)), claimed);
  };

  const ports: number[] = [];
  try {
    while (ports.length < options.count) ports.push(await leaseOne());
  } catch (error) {
    for (const port of ports) giveBack(port);
    throw error;
  }
  return {
    ports,
    replace: async (port) => {
      const other = await leaseOne();
      giveBack(port);
      ports.splice(ports.indexOf(port), 1, other);
      return other;
    },
    release: () => {
      for (const port of [...held.keys()]) giveBack(port);
    },
  };
}

/** Whether the owner written in a claim is provably dead; asked once for each owner. */
function rememberedVerdict(self: ProcessOwner): (owner: string) => Promise<boolean> {
  const verdicts = new Map<string, Promise<boolean>>();
  return (label) => {
    const known = verdicts.get(label);
    if (known !== undefined) return known;
    const verdict = (async () => {
      const owner = readOwner(label);
      if (owner?.kind !== "process") return false;
      return judgeLiveness(owner, self, await readProcess(owner.pid)) === "dead";
    })();
    verdicts.set(label, verdict);
    return verdict;
  };
}

/** Every port once, the preferred ones first, each range from a place of its own so that processes seldom meet. */
function* candidatePorts(seed: number): Generator<number> {
  for (const { from, to } of [PREFERRED, OVERLAPPING]) {
    const count = to - from + 1;
    // A multiplier without common factor with the range visits each port once, far apart.
    const first = (seed * 7_919) % count;
    for (let step = 0; step < count; step += 1) yield from + ((first + step) % count);
  }
}

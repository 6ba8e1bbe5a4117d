import type { Liveness } from "./liveness.ts";
import type { Owner } from "./owner.ts";

export interface OwnershipFacts {
  /** Undefined when the label could not be read. */
  readonly owner: Owner | undefined;
  /** Ignored for a lease owner. */
  readonly liveness: Liveness;
  /** Deadlines of the leases found on the engine, in milliseconds since the epoch. */
  readonly leases: readonly number[];
  /** Until when its owner said that it would be heard of again, likewise. */
  readonly heartbeats: readonly number[];
  /** When the environment was created and what time it is, both by the engine's clock. */
  readonly createdAt: number;
  readonly now: number;
  /** Only what is at least this old may be an orphan. Age narrows, it never widens. */
  readonly olderThanMs: number;
}

export interface OwnershipDecision {
  readonly orphan: boolean;
  /** Such as `owner process 4711 is alive`. */
  readonly reason: string;
}

/** The one decision behind every clean-up: an orphan is what is provably abandoned, nothing else. */
export function decideOrphan(facts: OwnershipFacts): OwnershipDecision {
  const { owner, liveness, leases, now } = facts;
  if (owner === undefined) return keep("its owner label cannot be read");
  const deadlines = owner.kind === "lease" ? [...leases, Date.parse(owner.until)] : leases;
  const deadline = deadlines.length === 0 ? undefined : Math.max(...deadlines);
  if (deadline !== undefined && deadline > now) {
    return keep(`its lease runs until ${new Date(deadline).toISOString()}`);
  }
  let why = `its lease ran out at ${new Date(deadline ?? 0).toISOString()}`;
  if (owner.kind === "process") {
    const who = `owner process ${owner.pid}`;
    if (liveness === "alive") return keep(`${who} is alive`);
    if (liveness === "dead" && deadline === undefined) why = `${who} is dead`;
    if (liveness === "unknown") {
      // Nobody here can see it; it is taken at its own word, or at that of the lease it left to.
      const heard = Math.max(deadline ?? 0, ...facts.heartbeats);
      if (heard === 0) return keep(`${who} cannot be checked from here`);
      const until = new Date(heard).toISOString();
      if (heard > now) return keep(`${who} is out of sight, and has until ${until} to be heard of`);
      if (deadline === undefined)
        why = `${who} is out of sight, and was to be heard of until ${until}`;
    }
  }
  if (isYounger(facts)) return keep(`${why}, but it is younger than asked for`);
  return { orphan: true, reason: why };
}

/** Who is not known to be old enough counts as younger. */
export function isYounger({
  createdAt,
  now,
  olderThanMs,
}: Pick<OwnershipFacts, "createdAt" | "now" | "olderThanMs">): boolean {
  return !(now - createdAt >= olderThanMs);
}

function keep(reason: string): OwnershipDecision {
  return { orphan: false, reason };
}

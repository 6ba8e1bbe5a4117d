import { isFirewallBusy } from "./xtables-lock.ts";

/** What stands in the way of creating an environment and can be worked around. */
export interface CreateConflict {
  /** `name`: another name avoids it. `firewall`: waiting does. `address`: another subnet, or the same once more. */
  readonly kind: "name" | "firewall" | "address";
  /** The engine's or Compose's own words. */
  readonly said: string;
}

const NAMES: readonly RegExp[] = [
  /Conflict\. The (?:container )?name "[^"]+" is already in use/i,
  // Somebody was faster; the second is how engines before 25 tell of two (moby/moby#20648).
  /network with name \S+ already exists|network \S+ is ambiguous/i,
  // A network that is there, made by somebody else: Compose looks before it creates.
  /network \S+ was found but has incorrect label/i,
];

/** Compose only warns of it, and would use the volume: its content would be shared with somebody. */
const FOREIGN_VOLUME = /volume \\?"[^"]+" already exists but was (?:not )?created/i;

const ADDRESSES: readonly RegExp[] = [
  // Engine ≤ 26, 27+, and what the kernel says of a subnet that a route or an interface has.
  /pool overlaps with other one on this address space/i,
  /could not find an available, non-overlapping .* address pool/i,
  /all predefined address pools have been fully subnetted/i,
  /invalid pool request/i,
  /numerical result out of range|cannot program address .* conflicts with existing route/i,
  /conflicts with network [0-9a-f]+ .*: networks have same bridge name/i,
  // Removed by somebody's prune between its creation and the container's.
  /network \S+ not found|No such network/i,
];

/** Undefined when nothing stood in the way, or when it is the user's to mend. */
export function judgeCreate(failed: boolean, stderr: string): CreateConflict["kind"] | undefined {
  if (FOREIGN_VOLUME.test(stderr)) return "name";
  if (!failed) return undefined;
  if (NAMES.some((pattern) => pattern.test(stderr))) return "name";
  if (isFirewallBusy(stderr)) return "firewall";
  return ADDRESSES.some((pattern) => pattern.test(stderr)) ? "address" : undefined;
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { releaseDeadClaim } from "./claim.ts";
import type { DeadOwnerTest } from "./dead-owner.ts";
import { writeOwner } from "./owner.ts";
import { readOwnIdentity } from "./process-identity.ts";
import { stateFolder } from "./state-folder.ts";

/** The folders of claims: leases of ports, locks such as those of builders, places in line for memory. */
const CLAIMS = ["ports", "locks", "memory"] as const;

/**
 * Gives back what the dead of this host held. Nothing depends on it, since a dead one's claim can be
 * taken over at any time; it keeps the folders small. Returns how many were given back.
 */
export async function sweepClaims(isDead: DeadOwnerTest): Promise<number> {
  const owner = writeOwner(await readOwnIdentity());
  let count = 0;
  for (const name of CLAIMS) {
    const folder = stateFolder(name);
    for (const file of readdirSync(folder)) {
      if (await releaseDeadClaim(join(folder, file), owner, isDead)) count += 1;
    }
  }
  return count;
}

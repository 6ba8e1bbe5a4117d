import { randomUUID } from "node:crypto";
import { linkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Claim } from "../src/ownership/claim.ts";
import { writeOwner } from "../src/ownership/owner.ts";
import { readOwnIdentity } from "../src/ownership/process-identity.ts";
import { stateFolder } from "../src/ownership/state-folder.ts";

/** Leases every port of the range in this process's name, except those: many others hold them. */
export async function leaseAllPorts(except: readonly number[] = []): Promise<void> {
  const folder = stateFolder("ports");
  const claim: Claim = { nonce: randomUUID(), owner: writeOwner(await readOwnIdentity()) };
  const draft = join(folder, ".all");
  writeFileSync(draft, JSON.stringify(claim));
  for (let port = 30_000; port <= 40_000; port += 1) {
    if (!except.includes(port)) linkSync(draft, join(folder, String(port)));
  }
}

import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { claim, unclaim } from "./claim.ts";
import { deadOwnerTest } from "./dead-owner.ts";
import { writeOwner } from "./owner.ts";
import { readOwnIdentity } from "./process-identity.ts";
import { stateFolder } from "./state-folder.ts";

export interface HostLockOptions {
  /** Called once, when somebody else holds the lock. */
  readonly onWait: () => void;
  readonly signal: AbortSignal;
}

const POLL_MS = 100;

/**
 * Runs a task while no other process of this user on this host runs one of the same name. The lock
 * of a process that died is taken over; one that lives is waited for, until the signal fires.
 */
export async function withHostLock<T>(
  name: string,
  options: HostLockOptions,
  task: () => Promise<T>,
): Promise<T> {
  const path = join(stateFolder("locks"), createHash("sha256").update(name).digest("hex"));
  const owner = writeOwner(await readOwnIdentity());
  let held = await claim(path, owner, deadOwnerTest());
  if (held === undefined) options.onWait();
  while (held === undefined) {
    await delay(POLL_MS, undefined, { signal: options.signal });
    // A new test each time: the holder may have died since.
    held = await claim(path, owner, deadOwnerTest());
  }
  try {
    return await task();
  } finally {
    unclaim(path, held);
  }
}

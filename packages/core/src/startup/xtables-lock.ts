import { setTimeout as delay } from "node:timers/promises";

/**
 * Whether the engine failed because another program was at the firewall: an iptables that does not
 * wait for its lock, or not long enough, gives up with these words (moby/moby#44331).
 */
export function isFirewallBusy(said: string): boolean {
  return /holding the xtables lock|can't lock \S*xtables\.lock/i.test(said);
}

/** A lock that is held longer than all pauses together, 3 s beside iptables' own waiting, is no accident. */
export const FIREWALL_ATTEMPTS = 6;

/** The first pause is short, since most programs hold the lock for milliseconds. */
export async function awaitFirewall(attempt: number, signal: AbortSignal): Promise<void> {
  await delay(100 * 2 ** (attempt - 1), undefined, { signal });
}

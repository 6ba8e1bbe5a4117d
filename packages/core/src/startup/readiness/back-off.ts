/** Between two runs of something that costs next to nothing. */
const MIN_MS = 20;
/** What waits long is not in a hurry: no look comes later than by this share of the wait so far. */
const SHARE_OF_WAIT = 16;

/**
 * How long to wait before the next probe: at least as long as the last one took, so that probing
 * never takes more than half of a processor, and less often the longer it lasts. An engine that is
 * busy makes probes slow, which makes them rare. All in milliseconds.
 */
export function nextProbeMs(probe: {
  readonly costMs: number;
  readonly waitedMs: number;
  /** Never later than this. */
  readonly capMs: number;
}): number {
  return Math.min(Math.max(MIN_MS, probe.costMs, probe.waitedMs / SHARE_OF_WAIT), probe.capMs);
}

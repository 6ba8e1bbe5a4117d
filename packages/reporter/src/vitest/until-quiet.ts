import { setTimeout as sleep } from "node:timers/promises";
import type { LogSlice } from "@real-services/core/logs";

/** A line reaches its file a little after it was written. */
const TRAILING_MS = 100;
const QUIET_MS = 50;
/** Where there is nothing at all, a busy engine may just be later than that. */
const SILENT_MS = 500;
const MAX_WAIT_MS = 1_000;

/**
 * Until two looks show the same number of lines, but not nothing at all before some time has gone
 * by. Only files with failures wait.
 *
 * @param endedMs when the last of them ended
 */
export async function untilQuiet(look: () => Promise<number>, endedMs: number): Promise<void> {
  const deadline = Date.now() + MAX_WAIT_MS;
  await sleep(Math.min(TRAILING_MS, Math.max(0, endedMs + TRAILING_MS - Date.now())));
  let seen: number | undefined;
  while (Date.now() < deadline) {
    const size = await look();
    if (size === seen && (size > 0 || Date.now() >= endedMs + SILENT_MS)) return;
    seen = size;
    await sleep(QUIET_MS);
  }
}

/** What a slice holds and leaves out, as a number that grows. */
export function sizeOf(slice: LogSlice | undefined): number {
  return (slice?.services ?? []).reduce(
    (sum, { lines, omittedLines, events }) => sum + lines.length + omittedLines + events.length,
    0,
  );
}

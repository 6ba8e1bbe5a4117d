import { setTimeout as delay } from "node:timers/promises";
import { interruption } from "./interruption.ts";

const EVERY_MS = 2_000;

/** Shows lines again and again, in place on a terminal, until Ctrl-C, which is the way to end it. */
export async function watch(
  look: (signal: AbortSignal) => Promise<readonly string[]>,
): Promise<void> {
  const { signal, end } = interruption();
  try {
    while (!signal.aborted) {
      const lines = await look(signal);
      // Home, each line cleared to its end, and what an earlier look left below.
      const isTerminal = process.stdout.isTTY;
      const before = isTerminal ? "\x1b[H" : "";
      const text = lines.map((line) => (isTerminal ? `${line}\x1b[K` : line)).join("\n");
      process.stdout.write(`${before}${text}\n${isTerminal ? "\x1b[J" : ""}`);
      await delay(EVERY_MS, undefined, { signal }).catch(() => {});
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    end();
  }
}

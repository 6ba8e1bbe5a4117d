import { setTimeout as delay } from "node:timers/promises";

const EVERY_MS = 2_000;

/** Shows lines again and again, in place on a terminal, until Ctrl-C, which is the way to end it. */
export async function watch(look: () => Promise<readonly string[]>): Promise<never> {
  for (;;) {
    const lines = await look();
    // Home, each line cleared before it is written, and what an earlier look left below.
    const isTerminal = process.stdout.isTTY;
    const before = isTerminal ? "\x1b[H" : "";
    const text = lines.map((line) => (isTerminal ? `\x1b[K${line}` : line)).join("\n");
    process.stdout.write(`${before}${text}\n${isTerminal ? "\x1b[J" : ""}`);
    await delay(EVERY_MS);
  }
}

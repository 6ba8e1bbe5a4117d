import { setTimeout as delay } from "node:timers/promises";

const EVERY_MS = 2_000;

/**
 * Shows a result again and again until Ctrl-C, which is the way to end it: lines for people, in place
 * on a terminal, or a JSON document a line.
 */
export async function watch<T>(
  isJson: boolean,
  look: () => Promise<T>,
  render: (result: T) => readonly string[],
): Promise<never> {
  for (;;) {
    const result = await look();
    if (isJson) process.stdout.write(`${JSON.stringify(result)}\n`);
    else show(render(result));
    await delay(EVERY_MS);
  }
}

function show(lines: readonly string[]): void {
  // Home, each line cleared before it is written, and what an earlier look left below.
  const isTerminal = process.stdout.isTTY;
  const before = isTerminal ? "\x1b[H" : "";
  const text = lines.map((line) => (isTerminal ? `\x1b[K${line}` : line)).join("\n");
  process.stdout.write(`${before}${text}\n${isTerminal ? "\x1b[J" : ""}`);
}

import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/**
 * Follows the lines of a running process. Each wait goes on where the last one ended, so that no
 * line is missed and none is seen twice; it fails when the lines end.
 */
export function followLines(stream: Readable): (pattern: RegExp) => Promise<RegExpExecArray> {
  const seen: string[] = [];
  let ended = false;
  let wake = (): void => {};
  const reader = createInterface(stream);
  reader.on("line", (line) => {
    seen.push(line);
    wake();
  });
  reader.on("close", () => {
    ended = true;
    wake();
  });
  return async (pattern) => {
    for (;;) {
      for (let line = seen.shift(); line !== undefined; line = seen.shift()) {
        const match = pattern.exec(line);
        if (match !== null) return match;
      }
      if (ended) throw new Error(`The output ended before ${pattern}.`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

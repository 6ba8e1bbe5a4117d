/**
 * The watchdog: `watchdog-process.ts OWNER`, with the owner's pipe on its standard input. While the
 * owner lives it only listens, so it loads nothing else; see `watchdog.ts`.
 */
import { WatchList } from "./watch-list.ts";

/** Whatever happens, it is not there for longer than its work. */
const DEADLINE_MS = 120_000;

const list = new WatchList();
process.stdin.setEncoding("utf8");
process.stdin.on("data", (text: string) => list.hear(text));
// Whichever way a pipe breaks, its other end is gone.
process.stdin.on("error", () => {});
process.stdin.on("close", () => {
  if (list.left.length === 0) return;
  const work = import("./watchdog-work.ts").then(({ cleanUpAfter }) =>
    cleanUpAfter(Number(process.argv[2]), list.left, DEADLINE_MS),
  );
  work.then(
    () => process.exit(),
    () => process.exit(1),
  );
});

/**
 * One environment of one contestant in a process of its own, so that every sample starts cold:
 * `worker.ts CONTESTANT PROJECT FILE…`. It does what the parent says, and tells when it began and
 * ended, by the clock that all processes of this host share.
 */
import { loadContestant } from "./contestants.ts";
import type { Order, Report } from "./protocol.ts";

const [contestant = "", project = "", ...files] = process.argv.slice(2);
const prepare = await loadContestant(contestant);
const candidate = await prepare({ files }, project);
/** Whether there is something on the engine, or may be. */
let left = false;
// A Ctrl+C reaches the whole group: what was begun is removed when the parent has gone.
process.on("SIGINT", () => {});
process.once("disconnect", () => {
  if (!left) process.exit();
  candidate.discard().then(
    () => process.exit(),
    () => process.exit(1),
  );
});
process.on("message", (order: Order) => {
  obey(order).then(report, (error) => report({ failure: String(error?.stack ?? error) }));
});
report({ prepared: true });

async function obey(order: Order): Promise<Report> {
  left = true;
  const beganAt = now();
  await candidate[order]();
  const endedAt = now();
  left = order === "start";
  const { project, conflicts } = candidate;
  return { beganAt, endedAt, project, conflicts };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function report(what: Report): void {
  // What ends after the parent has gone has nobody to tell, and still has to be removed.
  if (process.connected) process.send?.(what);
}

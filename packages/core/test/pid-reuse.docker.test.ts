/** A pid that was given to somebody else does not keep a dead owner alive. */
import { execa } from "execa";
import { expect, test } from "vitest";

const mayUnshare = process.platform === "linux" && process.getuid?.() === 0;

test.runIf(mayUnshare)("the pid of a dead owner is in use again", async () => {
  const worker = new URL("pid-reuse-worker.ts", import.meta.url).pathname;
  const inside = ["--pid", "--fork", "--mount-proc", process.execPath, worker];
  const { stdout } = await execa("unshare", inside);
  const { pids, before, after } = JSON.parse(stdout);
  expect(pids[1]).toBe(pids[0]);
  expect([before, after]).toEqual(["alive", "dead"]);
});

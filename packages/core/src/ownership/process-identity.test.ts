import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { judgeLiveness } from "./liveness.ts";
import { readOwnIdentity, readProcess } from "./process-identity.ts";

test("this process is alive, and a child that ended is dead", async () => {
  const self = await readOwnIdentity();
  expect(judgeLiveness(self, self, await readProcess(self.pid))).toBe("alive");

  const child = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"]);
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  const reading = await readProcess(pid);
  const startTime = reading.state === "running" ? reading.startTime : "unread";
  const owner = { ...self, pid, startTime };
  expect(judgeLiveness(owner, self, reading)).toBe("alive");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(judgeLiveness(owner, self, await readProcess(pid))).toBe("dead");
});

test("the identity names host, boot and start", async () => {
  const self = await readOwnIdentity();
  expect(self.host).not.toBe("");
  expect(self.startTime).not.toBe("");
  expect(self.pid).toBe(process.pid);
});

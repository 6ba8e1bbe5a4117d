import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withHostLock } from "./host-lock.ts";

const WORKER = resolve(import.meta.dirname, "../../test/lock-worker.ts");
const never = new AbortController().signal;

let folder: string;
let holder: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "real-services-lock-"));
  vi.stubEnv("REAL_SERVICES_STATE_DIR", folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  if (holder?.exitCode === null && holder.signalCode === null) {
    const exit = once(holder, "exit");
    holder.kill("SIGKILL");
    await exit;
  }
  holder = undefined;
  rmSync(folder, { recursive: true, force: true });
});

test("tasks of one name run one after the other, of other names beside them", async () => {
  const running = new Set<string>();
  const task = (name: string) => () => {
    expect(running.has(name)).toBe(false);
    running.add(name);
    return new Promise<void>((done) =>
      setImmediate(() => {
        running.delete(name);
        done();
      }),
    );
  };
  const options = { onWait: () => {}, signal: never };
  await Promise.all(["a", "a", "a", "b"].map((name) => withHostLock(name, options, task(name))));
});

test("a holder that is stopped but alive is waited for, never robbed; one that is killed is succeeded", async () => {
  const child = spawn(process.execPath, [WORKER, "stopped"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  holder = child;
  await once(child.stdout, "data");
  child.kill("SIGSTOP");
  const impatience = new AbortController();
  const onWait = vi.fn(() => setTimeout(() => impatience.abort(), 300));
  const impatient = { onWait, signal: impatience.signal };
  await expect(withHostLock("stopped", impatient, async () => "robbed")).rejects.toThrow();
  expect(onWait).toHaveBeenCalledOnce();
  const waiting = withHostLock(
    "stopped",
    { onWait: () => {}, signal: never },
    async () => "succeeded",
  );
  child.kill("SIGKILL");
  await expect(waiting).resolves.toBe("succeeded");
});

test("a task that throws gives the lock back", async () => {
  const options = { onWait: () => {}, signal: never };
  const failing = withHostLock("thrown", options, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  await expect(withHostLock("thrown", options, async () => "again")).resolves.toBe("again");
});

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Workshop } from "./workshop.ts";

const WORKER = join(import.meta.dirname, "owner-worker.ts");

/** Another process that has acquired an environment of the workshop's stack, and holds it until it is killed. */
export async function spawnOwner(
  { folder, name: prefix }: Workshop,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly owner: ChildProcess; readonly name: string }> {
  const owner = spawn(process.execPath, [WORKER, JSON.stringify({ cwd: folder, name: prefix })], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  const died = once(owner, "exit").then(([code]): never => {
    throw new Error(`The owner ended with ${code} before it had anything.`);
  });
  // Later it is meant to end.
  died.catch(() => {});
  const [line] = await Promise.race([once(owner.stdout, "data"), died]);
  return { owner, name: String(line).trim() };
}

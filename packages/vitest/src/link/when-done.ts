import { execFileSync, spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { link, linkState } from "./link.ts";

const COMMAND = fileURLToPath(new URL("../../bin/real-services-link.js", import.meta.url));
const SHELL = /(^|\/)(sh|ash|bash|dash|zsh)( |$)/;
const POLL_MS = 20;
/** An install that takes longer has been forgotten. */
const PATIENCE_MS = 600_000;

/**
 * For package managers that run a script before they touch node_modules and none after, as
 * `pnpm add` does: leaves a process behind that links once the package manager has ended, and ends
 * with it.
 */
export function linkWhenDone(project: string): void {
  const manager = packageManagerPid();
  if (manager === undefined) return;
  const args = [COMMAND, "--after", String(manager)];
  spawn(process.execPath, args, { cwd: project, detached: true, stdio: "ignore" }).unref();
}

/** Links as soon as a process has ended, unless what it installed needs no link. */
export async function linkAfter(pid: number, project: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return;
    await setTimeout(POLL_MS);
  }
  if (linkState(project) === "vitest") await link(project);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Scripts run in a shell; the package manager is whoever has started that. */
function packageManagerPid(): number | undefined {
  try {
    const parent = describe(process.ppid);
    return SHELL.test(parent.command) ? parent.ppid : process.ppid;
  } catch {
    // No `ps`, as on Windows.
    return undefined;
  }
}

function describe(pid: number): { ppid: number; command: string } {
  const output = execFileSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], { encoding: "utf8" });
  const [, ppid, command = ""] = /^\s*(\d+)\s+(.*)/.exec(output) ?? [];
  return { ppid: Number(ppid), command };
}

import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";
import type { ProcessOwner } from "./owner.ts";

const run = promisify(execFile);

/** What could be read about a pid on this host: its start time, `gone`, or that nothing could be read. */
export type ProcessReading =
  | { readonly state: "running"; readonly startTime: string }
  | { readonly state: "gone" }
  | { readonly state: "unreadable" };

let identity: Promise<ProcessOwner> | undefined;

/** The identity of this process, read once. */
export function readOwnIdentity(): Promise<ProcessOwner> {
  identity ??= (async () => {
    const [host, boot, pidNamespace, reading] = await Promise.all([
      readHost(),
      readBoot(),
      readPidNamespace(),
      readProcess(process.pid),
    ]);
    const startTime = reading.state === "running" ? reading.startTime : "";
    return { kind: "process", host, boot, pidNamespace, pid: process.pid, startTime };
  })();
  return identity;
}

export async function readProcess(pid: number): Promise<ProcessReading> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ESRCH") return { state: "gone" };
    // EPERM: it runs, under another user.
    if (code !== "EPERM") return { state: "unreadable" };
  }
  if (process.platform === "linux") {
    const stat = await readText(`/proc/${pid}/stat`);
    if (stat === undefined) return { state: "unreadable" };
    const { state, startTime } = parseProcStat(stat);
    // A zombie has ended; only its parent has not noticed yet.
    return state === "Z" || state === "X" ? { state: "gone" } : { state: "running", startTime };
  }
  if (process.platform === "darwin") {
    const startTime = await firstLine("ps", ["-o", "lstart=", "-p", String(pid)]);
    return startTime === "" ? { state: "unreadable" } : { state: "running", startTime };
  }
  return { state: "running", startTime: "" };
}

/** Field 22 counts from the last `)`: a process may put spaces and brackets into its own name. */
export function parseProcStat(stat: string): { state: string; startTime: string } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", startTime: fields[19] ?? "" };
}

/**
 * Machine ids get cloned along with disks, host names seldom stay the same then. Both together, so
 * that a clone's boot id is not taken for a later boot of this host.
 */
async function readHost(): Promise<string> {
  const machineId =
    (await readText("/etc/machine-id")) ?? (await readText("/var/lib/dbus/machine-id"));
  return [machineId?.trim(), hostname()].filter(Boolean).join(":");
}

async function readBoot(): Promise<string> {
  if (process.platform === "darwin") return firstLine("sysctl", ["-n", "kern.bootsessionuuid"]);
  return (await readText("/proc/sys/kernel/random/boot_id"))?.trim() ?? "";
}

async function readPidNamespace(): Promise<string> {
  try {
    return await readlink("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

async function firstLine(command: string, args: readonly string[]): Promise<string> {
  try {
    const env = { ...process.env, LC_ALL: "C" };
    const { stdout } = await run(command, [...args], { env, timeout: 2_000 });
    return stdout.trim();
  } catch {
    return "";
  }
}

import { hostname } from "node:os";
import type { ProcessOwner } from "./owner.ts";
import { linux } from "./platform/linux.ts";
import { macos } from "./platform/macos.ts";
import type { Platform, ProcessReading } from "./platform/platform.ts";
import { windows } from "./platform/windows.ts";

const PLATFORMS: Readonly<Record<string, Platform>> = {
  linux,
  android: linux,
  darwin: macos,
  win32: windows,
};
/** Elsewhere nothing can be told of a pid but that it is free. */
const unknownPlatform: Platform = {
  readMachine: async () => "",
  readBoot: async () => "",
  readPidNamespace: async () => "",
  readProcess: async () => ({ state: "running", startTime: "" }),
};
const platform = PLATFORMS[process.platform] ?? unknownPlatform;

let identity: Promise<ProcessOwner> | undefined;

/** The identity of this process, read once. */
export function readOwnIdentity(): Promise<ProcessOwner> {
  identity ??= (async () => {
    const [machine, boot, pidNamespace, reading] = await Promise.all([
      platform.readMachine(),
      platform.readBoot(),
      platform.readPidNamespace(),
      platform.readProcess(process.pid),
    ]);
    // Machine ids get cloned along with disks, host names seldom stay the same then. Both together,
    // so that a clone's boot id is not taken for a later boot of this host.
    const host = [machine, hostname()].filter(Boolean).join(":");
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
  return platform.readProcess(pid);
}

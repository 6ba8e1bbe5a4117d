import { readFile, readlink } from "node:fs/promises";
import type { Platform, ProcessReading } from "./platform.ts";

export const linux: Platform = {
  async readMachine() {
    const id = (await text("/etc/machine-id")) || (await text("/var/lib/dbus/machine-id"));
    return id.trim();
  },
  async readBoot() {
    return (await text("/proc/sys/kernel/random/boot_id")).trim();
  },
  readPidNamespace: () => readlink("/proc/self/ns/pid").catch(() => ""),
  async readProcess(pid) {
    return parseProcStat(await text(`/proc/${pid}/stat`));
  },
};

/** Field 22 counts from the last `)`: a process may put spaces and brackets into its own name. */
export function parseProcStat(stat: string): ProcessReading {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "", startTime = ""] = [fields[0], fields[19]];
  if (!stat.includes(")") || !/^[A-Za-z]$/.test(state)) return { state: "unreadable" };
  // A zombie has ended; only its parent has not noticed yet.
  return state === "Z" || state === "X" ? { state: "gone" } : { state: "running", startTime };
}

function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

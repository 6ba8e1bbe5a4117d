import { printed } from "./commands.ts";
import type { Platform, ProcessReading } from "./platform.ts";

export const macos: Platform = {
  readMachine: async () => (await printed("sysctl", ["-n", "kern.uuid"])).trim(),
  readBoot: async () => (await printed("sysctl", ["-n", "kern.bootsessionuuid"])).trim(),
  readPidNamespace: async () => "",
  readProcess: async (pid) =>
    parsePs(await printed("ps", ["-o", "stat=,lstart=", "-p", String(pid)])),
};

/** Of `Ss   Sat Nov 21 08:22:23 2026    `: to the second, in UTC and English as it is asked for. */
export function parsePs(output: string): ProcessReading {
  const [state = "", ...start] = output.trim().split(/\s+/);
  if (start.length !== 5) return { state: "unreadable" };
  return state.startsWith("Z")
    ? { state: "gone" }
    : { state: "running", startTime: start.join(" ") };
}

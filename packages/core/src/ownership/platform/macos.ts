import { printed } from "./commands.ts";
import type { Platform, ProcessReading } from "./platform.ts";

export const macos: Platform = {
  // Not `kern.uuid`: that is the kernel's own, the same on every Mac with the same release
  // (https://github.com/shirou/gopsutil/issues/1058).
  readMachine: async () =>
    parsePlatformUuid(await printed("ioreg", ["-rd1", "-c", "IOPlatformExpertDevice"])),
  readBoot: async () => parseUuid(await printed("sysctl", ["-n", "kern.bootsessionuuid"])),
  readPidNamespace: async () => "",
  readProcess: async (pid) =>
    parsePs(await printed("ps", ["-o", "stat=", "-o", "lstart=", "-p", String(pid)])),
};

/** Of `Ss   Sat Nov 21 08:22:23 2026    `: to the second, in UTC and English as it is asked for. */
export function parsePs(output: string): ProcessReading {
  const [state = "", ...start] = output.trim().split(/\s+/);
  // One that has ended may have no start any more.
  if (/^Z[+<>A-Z]*$/.test(state)) return { state: "gone" };
  return start.length === 5
    ? { state: "running", startTime: start.join(" ") }
    : { state: "unreadable" };
}

/** Of `      "IOPlatformUUID" = "E646F33F-…"`. */
export function parsePlatformUuid(output: string): string {
  return parseUuid(/"IOPlatformUUID" = "([^"]+)"/.exec(output)?.[1] ?? "");
}

export function parseUuid(output: string): string {
  const text = output.trim();
  return /^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i.test(text) ? text : "";
}

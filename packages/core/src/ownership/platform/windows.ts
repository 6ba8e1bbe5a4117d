import { printed } from "./commands.ts";
import type { Platform, ProcessReading } from "./platform.ts";

const CRYPTOGRAPHY = "HKLM\\SOFTWARE\\Microsoft\\Cryptography";

export const windows: Platform = {
  readMachine: async () =>
    parseMachineGuid(await printed("reg", ["query", CRYPTOGRAPHY, "/v", "MachineGuid"])),
  // Start times are moments, not counted from the boot.
  readBoot: async () => "",
  readPidNamespace: async () => "",
  readProcess: async (pid) => parseTicks(await powershell(startTimeScript(pid))),
};

/** A pid is the only value in it, and what is no number throws before it gets there. */
export function startTimeScript(pid: number): string {
  if (!Number.isSafeInteger(pid) || pid <= 0) throw new RangeError(`${pid} is no pid.`);
  return `(Get-Process -Id ${pid}).StartTime.ToUniversalTime().Ticks`;
}

/** Of `638993173437654321`: tenths of a microsecond since the year 1. */
export function parseTicks(output: string): ProcessReading {
  const ticks = output.trim();
  // Another user's process hides its start.
  return /^\d{15,20}$/.test(ticks)
    ? { state: "running", startTime: ticks }
    : { state: "unreadable" };
}

/** Of `    MachineGuid    REG_SZ    0cf4…`. */
export function parseMachineGuid(output: string): string {
  return /^\s*MachineGuid\s+REG_SZ\s+(\S+)\s*$/m.exec(output)?.[1] ?? "";
}

function powershell(script: string): Promise<string> {
  return printed("powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", script]);
}

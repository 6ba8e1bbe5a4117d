import { describe, expect, test } from "vitest";
import { linux, parseProcStat } from "./linux.ts";
import { parsePs } from "./macos.ts";
import { parseMachineGuid, parseTicks, startTimeScript } from "./windows.ts";

const running = (startTime: string) => ({ state: "running", startTime });
const unreadable = { state: "unreadable" };
const gone = { state: "gone" };

describe("Linux: /proc/PID/stat", () => {
  const fields = (state: string) =>
    `${state} 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 98765 20 21`;

  test.each(["node", "tmux: server", "a) R 1 2 3", "(((", ")))", ") (", "", "two\nlines"])(
    "past the name “%s”",
    (name) => {
      expect(parseProcStat(`4711 (${name}) ${fields("S")}`)).toEqual(running("98765"));
    },
  );

  test.each([
    [`4711 (node) ${fields("Z")}`, gone],
    [`4711 (node) ${fields("X")}`, gone],
    [`4711 (node) ${fields("T")}`, running("98765")],
    // No start: alive, and not to be told from another.
    ["4711 (node) S 1 2", running("")],
    ["", unreadable],
  ])("%j", (stat, reading) => {
    expect(parseProcStat(stat)).toEqual(reading);
  });

  test.runIf(process.platform === "linux")("of this very machine", async () => {
    expect(await linux.readProcess(process.pid)).toEqual(running(expect.stringMatching(/^\d+$/)));
    expect(await linux.readBoot()).toMatch(/^[0-9a-f-]{36}$/);
    expect(await linux.readPidNamespace()).toMatch(/^pid:\[\d+\]$/);
  });
});

describe("macOS: ps -o stat=,lstart=", () => {
  test.each([
    ["Ss   Sat Nov 21 08:22:23 2026    \n", running("Sat Nov 21 08:22:23 2026")],
    ["S+   Thu Jan  1 00:00:01 2026\n", running("Thu Jan 1 00:00:01 2026")],
    ["Z    Sat Nov 21 08:22:23 2026    \n", gone],
    // No such process: nothing is printed.
    ["", unreadable],
    ["ps: illegal option", unreadable],
  ])("%j", (output, reading) => {
    expect(parsePs(output)).toEqual(reading);
  });
});

describe("Windows", () => {
  test.each([
    ["638993173437654321\r\n", running("638993173437654321")],
    ["", unreadable],
    // Another user's process has a start time that is empty.
    ["\r\n", unreadable],
    ["Get-Process : Cannot find a process with the process identifier 4711.\r\n", unreadable],
  ])("ticks %j", (output, reading) => {
    expect(parseTicks(output)).toEqual(reading);
  });

  test.each([
    [
      "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\r\n    MachineGuid    REG_SZ    0cf4b0d6-6f8e-4f0c-9a55-d0b3a1f3a7c1\r\n\r\n",
      "0cf4b0d6-6f8e-4f0c-9a55-d0b3a1f3a7c1",
    ],
    ["ERROR: The system was unable to find the specified registry key or value.\r\n", ""],
    ["", ""],
  ])("machine %j", (output, id) => {
    expect(parseMachineGuid(output)).toBe(id);
  });

  test("nothing but a number gets into a script", () => {
    expect(startTimeScript(4711)).toBe("(Get-Process -Id 4711).StartTime.ToUniversalTime().Ticks");
    for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 60]) {
      expect(() => startTimeScript(pid)).toThrow(RangeError);
    }
  });
});

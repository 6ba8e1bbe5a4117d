import { describe, expect, test, vi } from "vitest";
import { judgeLiveness } from "../liveness.ts";
import type { ProcessOwner } from "../owner.ts";
import { printed } from "./commands.ts";
import { linux, parseProcStat } from "./linux.ts";
import { macos, parsePlatformUuid, parsePs, parseUuid } from "./macos.ts";
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

describe("macOS", () => {
  test.each([
    ["Ss   Sat Nov 21 08:22:23 2026    \n", running("Sat Nov 21 08:22:23 2026")],
    ["S+   Thu Jan  1 00:00:01 2026\n", running("Thu Jan 1 00:00:01 2026")],
    ["Z    Sat Nov 21 08:22:23 2026    \n", gone],
    // What has ended has no start there: `ki_valid` is not set.
    ["Z+   -                           \n", gone],
    ["Ss   -                           \n", unreadable],
    // No such process: nothing is printed.
    ["", unreadable],
    ["ps: illegal option -- Z", unreadable],
    ["STAT STARTED\nSs   Sat Nov 21 08:22:23 2026\n", unreadable],
  ])("ps -o stat= -o lstart=: %j", (output, reading) => {
    expect(parsePs(output)).toEqual(reading);
  });

  test.each([
    [
      `+-o Macmini9,1  <class IOPlatformExpertDevice, id 0x100000110, registered, matched, active, busy 0 (2 ms), retain 39>
    {
      "IOPolledInterface" = "AppleARMWatchdogTimerHibernateHandler is not serializable"
      "serial-number" = <00000000000000000000000000>
      "IOPlatformUUID" = "E646F33F-0C8D-5A1E-9B4C-8BB62B8C33CD"
      "IOPlatformSerialNumber" = "C07DQ0VTQ6NV"
    }
`,
      "E646F33F-0C8D-5A1E-9B4C-8BB62B8C33CD",
    ],
    ['      "IOPlatformUUID" = "..."\n', ""],
    ["+-o Root  <class IORegistryEntry, id 0x100000100, retain 8>\n", ""],
    ["", ""],
  ])("ioreg -rd1 -c IOPlatformExpertDevice: %j", (output, id) => {
    expect(parsePlatformUuid(output)).toBe(id);
  });

  test.each([
    ["40962879-B7EE-4F13-AF6E-E7266EF5E732\n", "40962879-B7EE-4F13-AF6E-E7266EF5E732"],
    ["kern.bootsessionuuid: 40962879-B7EE-4F13-AF6E-E7266EF5E732\n", ""],
    ["{ sec = 1790421415, usec = 985376 } Sat Sep 26 06:16:55 2026\n", ""],
    ["sysctl: unknown oid 'kern.bootsessionuuid'\n", ""],
    ["", ""],
  ])("sysctl -n kern.bootsessionuuid: %j", (output, id) => {
    expect(parseUuid(output)).toBe(id);
  });

  // The ps of Linux takes the same words, and prints the same.
  test.runIf(process.platform !== "win32")("ps of this very machine", async () => {
    const reading = await macos.readProcess(process.pid);
    const start = expect.stringMatching(/^\w{3} \w{3} \d{1,2} \d\d:\d\d:\d\d \d{4}$/);
    expect(reading).toEqual(running(start));
    vi.stubEnv("TZ", "Asia/Tokyo");
    vi.stubEnv("LC_ALL", "de_DE.UTF-8");
    expect(await macos.readProcess(process.pid)).toEqual(reading);
    vi.unstubAllEnvs();
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

describe("a command", () => {
  const node = (script: string) => printed(process.execPath, ["--eval", script]);

  test("is asked in the language and zone of nobody", async () => {
    const script = "process.stdout.write([process.env.LC_ALL, process.env.TZ].join())";
    expect(await node(script)).toBe("C,UTC");
  });

  test("that fails has said nothing, whatever it printed", async () => {
    expect(await node("console.log('Ss Sat Nov 21 08:22:23 2026'); process.exitCode = 1")).toBe("");
    expect(await printed("/no/such/command", [])).toBe("");
  });
});

describe("an answer that cannot be read proves nobody's death", () => {
  const owner: ProcessOwner = {
    ...{ kind: "process", host: "host", boot: "boot", pidNamespace: "", pid: 4711 },
    startTime: "638993173437654321",
  };
  test.each([
    ["Linux", parseProcStat],
    ["macOS", parsePs],
    ["Windows", parseTicks],
  ])("%s", (_platform, parse) => {
    for (const output of ["", "\n", "\0", "command not found", "Access is denied.\r\n", "-"]) {
      expect(judgeLiveness(owner, owner, parse(output))).toBe("unknown");
    }
  });
});

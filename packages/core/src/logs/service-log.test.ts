import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LogWriter } from "./log-writer.ts";
import { readSlice } from "./read-slice.ts";

let root: string;
let troubles: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "core-logs-"));
  troubles = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const BEGAN = Date.parse("2026-01-01T00:00:00Z");
const stamp = (ms: number) => `${new Date(BEGAN + ms).toISOString().slice(0, -1)}000000Z`;

function writer(maxBytes = 1e9, environment = "shop"): LogWriter {
  const folder = join(root, environment);
  const onTrouble = (error: unknown) => void troubles.push(String(error));
  return new LogWriter({
    root,
    folder,
    environment,
    id: "1",
    engine: "1.2.3",
    stack: () => "{}",
    services: [],
    maxBytes,
    onTrouble,
  });
}

function append(logs: LogWriter, ms: number, text = String(ms), service = "database"): void {
  logs.append(service, { timestamp: stamp(ms), stream: "out", replica: 1, text });
}

const slice = (fromMs: number, toMs: number, maxLines = 1e6) =>
  readSlice(join(root, "shop"), { fromMs: BEGAN + fromMs, toMs: BEGAN + toMs, maxLines });

async function database(fromMs: number, toMs: number, maxLines?: number) {
  const { services } = await slice(fromMs, toMs, maxLines);
  return services[0];
}

describe("a slice", () => {
  test("has the lines of its span, both ends included, wherever they are in the file", async () => {
    const time = fc.integer({ min: 0, max: 50 });
    await fc.assert(
      fc.asyncProperty(fc.array(time, { maxLength: 60 }), time, time, async (times, from, to) => {
        rmSync(join(root, "shop"), { recursive: true, force: true });
        const logs = writer();
        // Long enough for an index with several blocks, and out of order.
        for (const ms of times) {
          append(logs, ms, "x".repeat(60_000));
          logs.flush();
        }
        logs.close();
        const found = await database(from, to);
        const expected = times.filter((ms) => ms >= from && ms <= to);
        expect((found?.lines ?? []).map(({ timeMs }) => timeMs - BEGAN)).toEqual(expected);
        expect(found?.lines[0]?.text.length ?? 60_000).toBe(60_000);
        if (found !== undefined) {
          const first = times.findIndex((ms) => ms >= from && ms <= to);
          expect(found.fileLine).toBe(first + 1);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("keeps the first and the last lines, and counts the others", async () => {
    const logs = writer();
    for (let ms = 0; ms < 30_000; ms += 1) {
      append(logs, ms);
      if (ms % 100 === 0) logs.flush();
    }
    logs.close();
    expect(existsSync(join(root, "shop", "database.log.index"))).toBe(true);
    const whole = await database(0, 30_000, 5);
    expect(whole?.lines.map(({ text }) => text)).toEqual(["0", "1", "2", "29998", "29999"]);
    expect(whole?.omittedLines).toBe(29_995);
    const part = await database(12_345, 23_456, 4);
    expect(part?.lines.map(({ text }) => text)).toEqual(["12345", "12346", "23455", "23456"]);
    expect(part?.omittedLines).toBe(11_108);
    expect(part).toMatchObject({ fileLine: 12_346, file: join(root, "shop", "database.log") });
    rmSync(join(root, "shop", "database.log.index"));
    expect(await database(12_345, 23_456, 4)).toEqual(part);
    expect(await database(0, 30_000, 5)).toEqual(whole);
  });

  test("reckons in the clock of who asks", async () => {
    const logs = writer();
    logs.clock({ atMs: BEGAN, offsetMs: 5_000 });
    append(logs, 6_000);
    logs.event({ service: "cache", replica: 1, timestamp: stamp(6_001), type: "oom", text: "was" });
    logs.close();
    const { services } = await slice(1_000, 1_001);
    expect(services).toMatchObject([
      { service: "database", lines: [{ timeMs: BEGAN + 1_000 }], events: [] },
      { service: "cache", lines: [], events: [{ timeMs: BEGAN + 1_001, text: "was" }] },
    ]);
    expect((await slice(5_900, 6_100)).services).toEqual([]);
  });

  test("of a folder that is not there, or of garbage, is empty", async () => {
    expect((await slice(0, 1)).services).toEqual([]);
    const logs = writer();
    append(logs, 1);
    logs.close();
    writeFileSync(join(root, "shop", "database.log"), "garbage\n\u0000\n");
    writeFileSync(join(root, "shop", "timeline.jsonl"), '{"a":\n{"b":1}\nnull\n[]\n');
    expect((await slice(0, 1)).services).toEqual([]);
    writeFileSync(join(root, "shop", "environment.json"), "{}");
    expect((await slice(0, 1)).services).toEqual([]);
  });
});

describe("the limit", () => {
  const used = () =>
    readdirSync(join(root, "shop"))
      .filter((name) => !["environment.json"].includes(name))
      .reduce((sum, name) => sum + statSync(join(root, "shop", name)).size, 0);

  test("holds at every moment; head and tail stay, and what is missing is said", async () => {
    const logs = writer(100_000);
    let written = 0;
    for (let ms = 0; ms < 5_000; ms += 1) {
      append(logs, ms, "y".repeat(90));
      logs.flush();
      written += 31 + 6 + 90 + 1;
      if (ms % 50 === 0) expect(used()).toBeLessThanOrEqual(100_000);
    }
    logs.close();
    const all = await database(0, 5_000);
    expect(all?.lines.at(0)?.timeMs).toBe(BEGAN);
    expect(all?.lines.at(-1)?.timeMs).toBe(BEGAN + 4_999);
    const kept = all?.lines.length ?? 0;
    expect(kept).toBeGreaterThan(500);
    expect(all?.missingBytes).toBe(written - kept * 128);
    expect((await database(0, 10))?.missingBytes).toBe(0);
    expect((await database(4_990, 5_000))?.missingBytes).toBe(0);
    expect((await database(2_000, 2_010))?.missingBytes).toBeGreaterThan(0);
  });

  test("a turn that is larger than all of it has its head and its tail kept as well", async () => {
    const logs = writer(100_000);
    append(logs, 0, "y".repeat(90));
    logs.flush();
    for (let ms = 1; ms < 5_000; ms += 1) append(logs, ms, "y".repeat(90));
    logs.close();
    expect(used()).toBeLessThanOrEqual(100_000);
    const all = await database(0, 5_000);
    const times = all?.lines.map(({ timeMs }) => timeMs - BEGAN) ?? [];
    expect(times.slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, ms) => ms));
    expect(times.at(-1)).toBe(4_999);
    expect(times.length).toBeGreaterThan(500);
    expect(all?.missingBytes).toBe((5_000 - times.length) * 128);
  });

  test("archives go first, the oldest of them before the others", () => {
    mkdirSync(join(root, "archive"));
    for (const [name, seconds] of [
      ["new.log.gz", 2_000],
      ["old.log.gz", 1_000],
    ] as const) {
      writeFileSync(join(root, "archive", name), "z".repeat(40_000));
      utimesSync(join(root, "archive", name), seconds, seconds);
    }
    const left = () => readdirSync(join(root, "archive"));
    const logs = writer(100_000);
    append(logs, 0);
    logs.flush();
    writeFileSync(join(root, "archive", "newest.log.gz"), "z".repeat(30_000));
    logs.countArchives();
    expect(left().toSorted()).toEqual(["new.log.gz", "newest.log.gz"]);
    rmSync(join(root, "archive", "newest.log.gz"));
    logs.countArchives();
    for (let ms = 0; ms < 300; ms += 1) append(logs, ms, "z".repeat(90));
    logs.flush();
    expect(left()).toEqual(["new.log.gz"]);
    for (let ms = 0; ms < 300; ms += 1) append(logs, ms, "z".repeat(90));
    logs.close();
    expect(left()).toEqual([]);
    expect(troubles).toEqual([]);
  });

  test("a single chunk that is larger is not kept, and counted", async () => {
    const logs = writer(1_000);
    append(logs, 1, "small");
    logs.flush();
    append(logs, 2, "x".repeat(5_000));
    logs.flush();
    append(logs, 3, "small again");
    logs.close();
    const all = await database(0, 10);
    expect(all?.lines.map(({ text }) => text)).toEqual(["small", "small again"]);
    expect(all?.missingBytes).toBe(5_038);
  });
});

describe("trouble with the disk is said once, and the run goes on", () => {
  test("a folder that is deleted in the middle is made again", async () => {
    const logs = writer();
    append(logs, 1);
    logs.flush();
    rmSync(root, { recursive: true });
    append(logs, 2);
    logs.flush();
    append(logs, 3);
    logs.close();
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toContain("was deleted");
    expect((await database(0, 10))?.lines.map(({ text }) => text)).toEqual(["2", "3"]);
  });

  test.each(["shop", "shop/database.log", ""])("a link at “%s” is not followed", (place) => {
    const elsewhere = mkdtempSync(join(tmpdir(), "core-logs-"));
    try {
      if (place.includes("/")) {
        writer().event({ service: "a", replica: 1, timestamp: stamp(0), type: "oom", text: "" });
        symlinkSync(join(elsewhere, "file"), join(root, place));
      } else {
        rmSync(join(root, place), { recursive: true, force: true });
        symlinkSync(elsewhere, join(root, place));
      }
      const logs = writer();
      append(logs, 1);
      logs.flush();
      append(logs, 2);
      logs.close();
      expect(troubles).toHaveLength(1);
      expect(readdirSync(elsewhere)).toEqual([]);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  test("a file where the folder should be", () => {
    writeFileSync(join(root, "shop"), "");
    const logs = writer();
    append(logs, 1);
    logs.close();
    expect(troubles).toHaveLength(1);
  });
});

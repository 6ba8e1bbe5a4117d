import fc from "fast-check";
import { expect, test } from "vitest";
import { anyCharacter } from "../../../test/any-character.ts";
import type { LogLine } from "../log-shapes.ts";
import { groupRecords } from "./log-records.ts";

const line = (text: string, other: Partial<LogLine> = {}): LogLine => ({
  service: "web",
  replica: 1,
  stream: "stderr",
  timestamp: "2026-01-02T03:04:05.678901234Z",
  timeMs: 0,
  text,
  ...other,
});

const grouped = (text: string) =>
  groupRecords(text.split("\n").map((one) => line(one))).map(({ level, lines }) => ({
    level,
    lines: lines.map((one) => one.text),
  }));

test.each([
  ["Node", "TypeError: x\n    at a (b.js:1:2) {\n  code: 'X'\n}", "error"],
  ["Java", "2026 ERROR [main] boom\n\tat a.B(C.java:1)\nCaused by: D\n\t... 2 more", "error"],
  ["Python", 'Traceback (most recent call last):\n  File "a.py", line 1\nValueError: x', "error"],
  ["Go", "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:3 +0x1d", "fatal"],
  [
    "PostgreSQL",
    "2026 UTC [4] ERROR:  x\n2026 UTC [4] DETAIL:  y\n2026 UTC [4] STATEMENT:  SELECT\n\t1",
    "error",
  ],
])("a trace of %s is one record", (_of, text, level) => {
  expect(grouped(`before\n${text}\nafter`)).toEqual([
    { level: undefined, lines: ["before"] },
    { level, lines: text.split("\n") },
    { level: undefined, lines: ["after"] },
  ]);
});

test("the lines of another stream or container do not tear a trace apart", () => {
  const records = groupRecords([
    line("TypeError: x"),
    line("GET / 500", { stream: "stdout" }),
    line("ready", { replica: 2 }),
    line("    at a"),
  ]);
  expect(records.map(({ lines }) => lines.map(({ text }) => text))).toEqual([
    ["TypeError: x", "    at a"],
    ["GET / 500"],
    ["ready"],
  ]);
});

test("every line is in exactly one record, in the order of its source", () => {
  const texts = fc.oneof(
    fc.string({ unit: anyCharacter }),
    fc.constantFrom("panic: x", "Traceback (most recent call last):", "  a", "}", "ERROR x", ""),
  );
  const source = fc.record({
    replica: fc.constantFrom(1, 2),
    stream: fc.constantFrom("stdout" as const, "stderr" as const),
    text: texts,
  });
  fc.assert(
    fc.property(fc.array(source), (sources) => {
      const lines = sources.map((one) => line(one.text, one));
      const records = groupRecords(lines);
      expect(new Set(records.flatMap((record) => record.lines))).toEqual(new Set(lines));
      expect(records.flatMap((record) => record.lines).length).toBe(lines.length);
      for (const { lines: own } of records) {
        const positions = own.map((one) => lines.indexOf(one));
        expect(positions).toEqual(positions.toSorted((a, b) => a - b));
      }
    }),
  );
});

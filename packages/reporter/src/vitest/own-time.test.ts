import type { LogLine, LogSlice } from "@real-services/core/logs";
import { expect, test } from "vitest";
import { latenessOf, writtenWithin } from "./own-time.ts";

const timestamp = "2026-01-02T03:04:05.700000000Z";

test.each([
  ["2026-01-02 03:04:05.678 UTC [42] ERROR:  x", 22],
  ['{"time":"2026-01-02T03:04:05.690Z","level":50}', 10],
  ["2026-01-02T05:04:05,699+02:00 ERROR x", 1],
  ["2026-01-02T05:04:05.699123+0200 ERROR x", 1],
  // In the future, too long ago, in a zone that is not named, or without milliseconds.
  ["2026-01-02 03:04:05.701 UTC [42] x", 0],
  ["2026-01-02 03:03:05.678 UTC [42] x", 0],
  ["2026-01-02 05:04:05.678 x", 0],
  ["2026-01-02 03:04:05 UTC [42] x", 0],
  ["2026-99-99 03:04:05.678 x", 0],
  ["x", 0],
])("%j is stamped %i ms late", (text, lateMs) => {
  expect(latenessOf({ text, timestamp })).toBe(lateMs);
});

test("lines belong to when they were written", () => {
  const base = Date.parse("2026-01-02T03:04:05.000Z");
  const line = (ms: number, text: string): LogLine => ({
    service: "postgres",
    replica: 1,
    stream: "stderr",
    timestamp: new Date(base + ms).toISOString(),
    timeMs: base + ms,
    text,
  });
  const slice: LogSlice = {
    environment: "shop-1",
    fromMs: base,
    toMs: base + 900,
    services: [
      {
        service: "postgres",
        lines: [
          line(110, "2026-01-02 03:04:05.090 UTC [1] of the test before"),
          line(120, "2026-01-02 03:04:05.119 UTC [1] in time"),
          line(230, "2026-01-02 03:04:05.190 UTC [1] late"),
          line(230, "\tand what belongs to it"),
          line(231, "without a time of its own"),
        ],
        omittedLines: 0,
        missingBytes: 0,
        events: [],
        file: "/postgres.log",
        fileLine: 7,
      },
    ],
  };
  const [service] = writtenWithin(slice, base + 100, base + 200).services;
  expect(service?.lines.map(({ text }) => text.replace(/.*\] /, "").trim())).toEqual([
    "in time",
    "late",
    "and what belongs to it",
  ]);
  expect(service?.fileLine).toBe(8);
});

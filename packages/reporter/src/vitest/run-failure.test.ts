import type { LogEvent, LogLine, ServiceSlice } from "@real-services/core/logs";
import { expect, test } from "vitest";
import { lastErrors, runFailure } from "./run-failure.ts";

const ended = { modules: [], errors: [], reason: "passed" as const, isShard: false };

test.each([
  [
    "an error that Vitest has caught",
    { errors: [{ message: "lost" }] },
    { name: "unhandled error", message: "lost" },
  ],
  [
    "several, of any kind",
    { errors: ["lost", "found"], reason: "failed" as const },
    { name: "2 unhandled errors", message: "lost" },
  ],
  ["a run without any file", {}, { name: "before any test", message: "" }],
  ["a shard without any file", { isShard: true }, undefined],
  ["an interruption", { reason: "interrupted" as const }, undefined],
])("%s", (_what, run, failure) => {
  expect(runFailure({ ...ended, ...run })).toEqual(failure);
});

const line = (timeMs: number, text: string): LogLine => ({
  ...{ service: "db", replica: 1, stream: "stderr", timestamp: "" },
  ...{ timeMs, text },
});
const exit = (timeMs: number, code: number): LogEvent => ({
  ...{ service: "db", replica: 1, timestamp: "", type: "exited" },
  ...{ timeMs, text: `exited with code ${code}` },
});
const slice = (lines: readonly LogLine[], events: readonly LogEvent[] = []): ServiceSlice => ({
  ...{ service: "db", lines, events, omittedLines: 0, missingBytes: 0 },
  ...{ file: "/logs/db.log", fileLine: 10 },
});

test("of a service its last errors are told, with their place, but none of its start", () => {
  const lines = [
    line(1, "FATAL:  the database system is starting up"),
    line(2, "LOG:  ready"),
    ...[3, 4, 5, 6, 7, 8].map((at) => line(at, `ERROR:  number ${at}`)),
    line(9, "STATEMENT:  SELECT 1"),
    line(10, "LOG:  fine"),
  ];
  const told = lastErrors(slice(lines), 2);
  expect(told?.lines.map(({ text }) => text)).toEqual([
    ...[4, 5, 6, 7, 8].map((at) => `ERROR:  number ${at}`),
    "STATEMENT:  SELECT 1",
  ]);
  expect(told?.fileLine).toBe(13);
  expect(lastErrors({ ...slice(lines), omittedLines: 100 }, 7)?.fileLine).toBe(116);
});

test("of a service that logged no error only its death is told", () => {
  const lines = [line(3, "LOG:  fine")];
  expect(lastErrors(slice(lines, [exit(3, 1)]), 2)).toMatchObject({ lines: [], fileLine: 10 });
  expect(lastErrors(slice(lines, [exit(3, 0)]), 2)).toBeUndefined();
  expect(lastErrors(slice(lines, [exit(1, 1)]), 2)).toBeUndefined();
});

import type { LogSlice } from "@real-services/core/logs";
import { expect, test } from "vitest";
import { findOffence } from "./log-offence.ts";

const slice = (...texts: string[]): LogSlice => ({
  environment: "shop-1",
  fromMs: 0,
  toMs: 1,
  services: [
    {
      service: "postgres",
      lines: texts.map((text) => ({
        service: "postgres",
        replica: 1,
        stream: "stderr",
        timestamp: "",
        timeMs: 0,
        text,
      })),
      omittedLines: 0,
      missingBytes: 0,
      events: [],
      file: "",
      fileLine: 1,
    },
  ],
});

const pattern = { source: "deadlock", flags: "i" };
const lines = slice("[1] LOG:  fine", "[1] ERROR:  x", "[1] DETAIL:  Deadlock of two");

test.each([
  [
    { level: "error" as const, pattern: undefined },
    "postgres logged at level error while this test ran: x",
  ],
  [{ level: "fatal" as const, pattern: undefined }, undefined],
  [
    { level: undefined, pattern },
    "postgres logged what matches /deadlock/i while this test ran: x",
  ],
  [{ level: "fatal" as const, pattern: { source: "^nothing", flags: "" } }, undefined],
])("%j", (failOn, offence) => {
  expect(findOffence(lines, failOn)).toBe(offence);
});

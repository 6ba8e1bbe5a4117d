import fc from "fast-check";
import { expect, test } from "vitest";
import { anyCharacter } from "../../../test/any-character.ts";
import { isAtLeast, levelOfNumber } from "./log-level.ts";
import { parseLine } from "./parse-line.ts";

test.each([
  // pino, bunyan, winston, GELF, Google
  ['{"level":50,"time":1,"pid":1,"msg":"no such order"}', "error", "no such order"],
  [
    '{"level":60,"msg":"gone","err":{"type":"Error","message":"ECONNRESET"}}',
    "fatal",
    "gone: ECONNRESET",
  ],
  ['{"name":"shop","v":0,"level":40,"msg":"slow"}', "warn", "slow"],
  ['{"level":"error","message":"boom","stack":"Error: boom"}', "error", "boom"],
  ['{"level":3,"short_message":"refused"}', "error", "refused"],
  ['{"severity":"CRITICAL","message":"down"}', "fatal", "down"],
  ['{"level":"error","error":"alone"}', "error", "alone"],
  ['{"rows":3}', undefined, '{"rows":3}'],
  ['{"level":50,"msg":"cut o', "error", '{"level":50,"msg":"cut o'],
  ['{"lev', undefined, '{"lev'],
  // logfmt
  ['time=2026-01-02T03:04:05Z level=error msg="no \\"x\\"" err=EOF', "error", 'no "x": EOF'],
  ["lvl=warn msg=slow", "warn", "slow"],
  ["level=info", "info", "level=info"],
  // PostgreSQL
  [
    '2026-01-02 03:04:05.678 UTC [42] ERROR:  relation "orders" does not exist',
    "error",
    'relation "orders" does not exist',
  ],
  [
    "2026-01-02 03:04:05.678 UTC [42] app@shop FATAL:  too many clients",
    "fatal",
    "too many clients",
  ],
  [
    "2026-01-02 03:04:05.678 UTC [1] LOG:  database system is ready",
    "info",
    "database system is ready",
  ],
  ["WARNING:  there is no transaction in progress", "warn", "there is no transaction in progress"],
  // Redis
  [
    "1:M 02 Jan 2026 03:04:05.678 # WARNING Memory overcommit must be enabled!",
    "warn",
    "WARNING Memory overcommit must be enabled!",
  ],
  [
    "1:M 02 Jan 2026 03:04:05.678 * Ready to accept connections",
    "info",
    "Ready to accept connections",
  ],
  [
    "1:C 02 Jan 2026 03:04:05.678 # Fatal error, can't open config file",
    "fatal",
    "Fatal error, can't open config file",
  ],
  ["1:M 02 Jan 2026 03:04:05.678 # Background saving error", "error", "Background saving error"],
  // ClickHouse
  [
    "2026.01.02 03:04:05.678901 [ 42 ] {7f} <Error> executeQuery: Code: 60",
    "error",
    "executeQuery: Code: 60",
  ],
  // others
  ["2026/01/02 03:04:05 [error] 7#7: *1 connect() failed", "error", undefined],
  ["2026-01-02 03:04:05,678 ERROR [main] c.e.Shop - boom", "error", undefined],
  ["2026-01-02T03:04:05Z 0 [ERROR] [MY-010119] [Server] Aborting", "error", undefined],
  ["ERROR:root:no such table", "error", undefined],
  ["error: unknown option", "error", undefined],
  ["fatal error: all goroutines are asleep", "fatal", undefined],
  ["panic: runtime error: index out of range", "fatal", undefined],
  ["E0102 03:04:05.678901       1 server.go:42] no endpoint", "error", "no endpoint"],
  ["TypeError: x is not a function", "error", undefined],
  ["java.lang.NullPointerException: null", "error", undefined],
  ["Traceback (most recent call last):", "error", undefined],
  ["\u001b[31mERROR\u001b[39m boom", "error", "ERROR boom"],
  ["warn - slow query", undefined, undefined],
  ["listening on 8000", undefined, undefined],
  ["GET /errors/ERRORLESS 200", undefined, undefined],
])("%j is %s", (text, level, message) => {
  const parsed = parseLine(text);
  expect(parsed.level).toBe(level);
  if (message !== undefined) expect(parsed.message).toBe(message);
});

test.each([
  "    at run (file.js:1:2)",
  "",
  "\tFROM orders",
  "2026-01-02 03:04:05.678 UTC [42] STATEMENT:  SELECT 1",
])("%j continues what is before it", (text) => expect(parseLine(text).continues).toBe(true));

test("never throws, and says nothing that is not in the line", () => {
  const line = fc.oneof(
    fc.string({ unit: anyCharacter }),
    fc.json(),
    fc
      .tuple(fc.constantFrom('{"level":', "level=", "[1] ERROR:  ", "1:M "), fc.string())
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(line, (text) => {
      expect(typeof parseLine(text).message).toBe("string");
    }),
  );
});

test("a long line costs no more than a glance", () => {
  expect(parseLine(`ERROR ${"x=".repeat(5_000_000)}`).level).toBe("error");
});

test("levels are ordered", () => {
  expect(isAtLeast("fatal", "error")).toBe(true);
  expect(isAtLeast("error", "error")).toBe(true);
  expect(isAtLeast("warn", "error")).toBe(false);
  expect(isAtLeast(undefined, "trace")).toBe(false);
  expect([70, 60, 55, 10, 0, 7, -1, Number.NaN].map(levelOfNumber)).toEqual([
    "fatal",
    "fatal",
    "error",
    "trace",
    "fatal",
    "debug",
    undefined,
    undefined,
  ]);
});

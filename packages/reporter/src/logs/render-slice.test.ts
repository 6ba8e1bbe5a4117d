import type { LogEvent, LogLine, LogSlice, ServiceSlice } from "@real-services/core/logs";
import { expect, test } from "vitest";
import { headlines, renderSlice } from "./render-slice.ts";

const line = (timeMs: number, text: string, other: Partial<LogLine> = {}): LogLine => ({
  service: "postgres",
  replica: 1,
  stream: "stderr",
  timestamp: "",
  timeMs,
  text,
  ...other,
});

const event = (timeMs: number, type: LogEvent["type"], text: string): LogEvent => ({
  service: "postgres",
  replica: 1,
  timestamp: "",
  timeMs,
  type,
  text,
});

const service = (other: Partial<ServiceSlice>): ServiceSlice => ({
  service: "postgres",
  lines: [],
  omittedLines: 0,
  missingBytes: 0,
  events: [],
  file: "/shop/.real-services/shop-1/postgres.log",
  fileLine: 123,
  ...other,
});

const slice = (...services: ServiceSlice[]): LogSlice => ({
  environment: "shop-1",
  fromMs: 1_000,
  toMs: 2_000,
  services,
});

const render = (...services: ServiceSlice[]) =>
  `\n${renderSlice(slice(...services), { cwd: "/shop", maxLines: 6 })}`;

test("a short slice is shown as it is, errors marked, events in their place", () => {
  const text = render(
    service({
      lines: [
        line(1_003, "2026 UTC [4] LOG:  connection received"),
        line(1_012, '2026 UTC [4] ERROR:  relation "orders" does not exist at character 15'),
        line(1_012, "2026 UTC [4] STATEMENT:  SELECT *"),
        line(1_013, "\tFROM orders"),
        line(13_400, "2026 UTC [9] LOG:  connection received"),
      ],
      events: [
        event(1_600, "oom", "was OOM-killed here, limit 64 MiB"),
        event(1_601, "exited", "was killed by SIGKILL (137)"),
      ],
    }),
    service({
      service: "redis",
      file: "/shop/.real-services/shop-1/redis.log",
      fileLine: 9,
      lines: [line(1_001, "bye")],
    }),
  );
  expect(text).toMatchInlineSnapshot(`
    "
    postgres  .real-services/shop-1/postgres.log:123
           +3ms  2026 UTC [4] LOG:  connection received
      ✖   +12ms  2026 UTC [4] ERROR:  relation "orders" does not exist at character 15
          +12ms  2026 UTC [4] STATEMENT:  SELECT *
          +13ms    FROM orders
      ●  +600ms  postgres was OOM-killed here, limit 64 MiB
      ●  +601ms  postgres was killed by SIGKILL (137)
         +12.4s  2026 UTC [9] LOG:  connection received
    redis  .real-services/shop-1/redis.log:9
           +1ms  bye"
  `);
});

test("a start stands before the lines of its run, however late the engine told of it", () => {
  const text = render(
    service({
      lines: [line(1_001, "one"), line(1_002, "bye"), line(1_020, "two"), line(1_030, "three")],
      events: [
        event(1_001, "started", "was started"),
        event(1_010, "exited", "exited with code 1"),
        event(1_025, "started", "was started again (1)"),
      ],
    }),
  );
  expect(text).toMatchInlineSnapshot(`
    "
    postgres  .real-services/shop-1/postgres.log:123
      ●    +1ms  postgres was started
           +1ms  one
           +2ms  bye
      ●   +10ms  postgres exited with code 1
      ●   +20ms  postgres was started again (1)
          +20ms  two
          +30ms  three"
  `);
});

test("of a long slice errors stay, and of the rest the beginning and the end", () => {
  const lines = Array.from({ length: 40 }, (_, at) => line(1_000 + at, `request ${at}`));
  lines[20] = line(1_020, "ERROR boom");
  lines[21] = line(1_021, "    at run (shop.js:1:2)");
  expect(render(service({ lines, omittedLines: 1_500 }))).toMatchInlineSnapshot(`
    "
    postgres  .real-services/shop-1/postgres.log:123
           +0ms  request 0
           +1ms  request 1
        … 1,518 lines …
      ✖   +20ms  ERROR boom
          +21ms      at run (shop.js:1:2)
        … 16 lines …
          +38ms  request 38
          +39ms  request 39"
  `);
});

test("many errors are not cut away, but a trace is", () => {
  const trace = Array.from({ length: 40 }, (_, at) => line(1_001, `    at f${at}`));
  const errors = Array.from({ length: 9 }, (_, at) => line(1_100 + at, `ERROR ${at}`));
  const text = render(service({ lines: [line(1_001, "ERROR first"), ...trace, ...errors] }));
  expect(text).toContain("… 26 lines …");
  for (let at = 0; at < 9; at += 1) expect(text).toContain(`ERROR ${at}`);
});

test("what capture could not keep is said, and replicas are told apart", () => {
  const text = render(
    service({
      lines: [line(1_000, "one"), line(1_001, "two", { replica: 2 })],
      missingBytes: 3 * 1024 ** 2,
    }),
  );
  expect(text).toMatchInlineSnapshot(`
    "
    postgres  .real-services/shop-1/postgres.log:123
           +0ms  #1 one
           +1ms  #2 two
      ! 3.0 MiB of this log could not be kept"
  `);
});

test("nothing that a service writes reaches the terminal as a command, and no secret is shown", () => {
  const text = render(
    service({
      lines: [
        line(
          1_000,
          "\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007 \u0000\u0008\u009b2J\r\u202eabc",
        ),
        line(1_001, "DB_PASSWORD=hunter22 postgres://app:hunter22@db/app"),
        line(1_002, `long ${"x".repeat(70_000)}`),
        line(1_003, "a.".repeat(40_000)),
      ],
    }),
  );
  expect(text).toMatchInlineSnapshot(`
    "
    postgres  .real-services/shop-1/postgres.log:123
           +0ms  red link \\x00\\x08\\x0d\\u202eabc
           +1ms  DB_PASSWORD=***** postgres://app:*****@db/app
           +2ms  long xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… (69705 more characters)
           +3ms  a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.… (79700 more characters)"
  `);
});

test("headlines are the errors and the deaths, once each", () => {
  const lines = ["ERROR a", "ERROR a", "fine", "ERROR b", "FATAL c", "ERROR d"].map((text) =>
    line(1_000, text),
  );
  const events = [
    event(1_000, "exited", "was killed by SIGKILL (137)"),
    event(1_000, "exited", "exited with code 0"),
  ];
  expect(headlines(slice(service({ lines, events })))).toEqual([
    "postgres was killed by SIGKILL (137)",
    "postgres: ERROR a",
    "postgres: ERROR b",
    "and 2 more",
  ]);
  expect(headlines(slice(service({ lines: [line(0, "fine")] })))).toEqual([]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameParser, type LogEntry } from "./frame-parser.ts";

const AT = "2026-01-01T00:00:00.000000001Z";
const LATER = "2026-01-01T00:00:01.000000001Z";

function frame(stream: number, text: string | Buffer): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function parse(bytes: Buffer, sizes: readonly number[], unended = 0): unknown[] {
  const parser = new FrameParser(unended);
  const entries: LogEntry[] = [];
  let at = 0;
  for (const size of sizes) {
    entries.push(...parser.push(bytes.subarray(at, at + size)));
    at += size;
  }
  entries.push(...parser.push(bytes.subarray(at)), ...parser.end());
  return entries.map(({ payload, ...rest }) => ({ ...rest, text: payload.toString() }));
}

const framed = Buffer.concat([
  frame(1, `${AT} first\n`),
  frame(2, `${AT} \n`),
  frame(1, `${AT} piece`),
  frame(2, `${LATER} größer\n`),
  frame(1, `${LATER} 2026 end\n`),
]);
const fromFrames = [
  { stream: "out", timestamp: AT, isEnd: true, text: "first" },
  { stream: "err", timestamp: AT, isEnd: true, text: "" },
  { stream: "out", timestamp: AT, isEnd: false, text: "piece" },
  { stream: "err", timestamp: LATER, isEnd: true, text: "größer" },
  { stream: "out", timestamp: LATER, isEnd: true, text: "2026 end" },
];

const piece = "x".repeat(16_384);
const raw = Buffer.from(
  `${AT} hello\r\n${AT} ${piece}${AT} ${piece}${AT} rest\r\n${LATER} ${LATER} said\r\n${LATER} tail`,
);
const fromRaw = [
  { stream: "out", timestamp: AT, isEnd: true, text: "hello\r" },
  { stream: "out", timestamp: AT, isEnd: false, text: piece },
  { stream: "out", timestamp: AT, isEnd: false, text: piece },
  { stream: "out", timestamp: AT, isEnd: true, text: "rest\r" },
  { stream: "out", timestamp: LATER, isEnd: true, text: `${LATER} said\r` },
  { stream: "out", timestamp: LATER, isEnd: false, text: "tail" },
];

test.each([
  ["frames", framed, fromFrames],
  ["a terminal", raw, fromRaw],
])(
  "%s, byte by byte and at once",
  (_name, bytes, expected) => {
    expect(parse(bytes, [])).toEqual(expected);
    expect(parse(bytes, Array(bytes.length).fill(1))).toEqual(expected);
  },
  20_000,
);

test("split anywhere, the entries are the same", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 20 });
  fc.assert(
    fc.property(sizes, (list) => {
      expect(parse(raw, list)).toEqual(fromRaw);
      expect(parse(framed, list)).toEqual(fromFrames);
    }),
  );
});

test("what an earlier run of a terminal did not end is told from what the next one wrote", () => {
  expect(parse(Buffer.from(`${AT} tail${LATER} again\r\n`), [], 4)).toEqual([
    { stream: "out", timestamp: AT, isEnd: false, text: "tail" },
    { stream: "out", timestamp: LATER, isEnd: true, text: "again\r" },
  ]);
});

test("timestamps of other engines become comparable, the engine's own words have none", () => {
  const bytes = Buffer.concat([
    frame(1, "2026-01-01T02:00:00.5+02:00 podman\n"),
    frame(3, "Error grabbing logs: EOF\n"),
  ]);
  expect(parse(bytes, [])).toMatchObject([
    { timestamp: "2026-01-01T00:00:00.500000000Z", text: "podman" },
    { timestamp: "", stream: "err", text: "Error grabbing logs: EOF" },
  ]);
});

test("what never ends a line is bounded", () => {
  const parser = new FrameParser();
  const entries = parser.push(Buffer.from(`${AT} ${"y".repeat(1_100_000)}`));
  expect(entries.map(({ isEnd, payload }) => [isEnd, payload.length])).toEqual([
    [false, 1_100_000],
  ]);
});

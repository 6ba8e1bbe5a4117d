import { expect, test } from "vitest";
import { endOfLines, hooksSpan, overlapping } from "./spans.ts";

const span = (startMs: number, endMs: number, name = "") => ({
  ...{ startMs, endMs, name },
  mayOverlap: true,
});
const apart = (startMs: number, endMs: number) => ({
  ...span(startMs, endMs, "apart"),
  mayOverlap: false,
});

test("lines may be late, but not when the next test has begun, and never of the future", () => {
  expect(endOfLines(span(0, 100), [], 1_000)).toBe(150);
  expect(endOfLines(span(0, 100), [span(0, 90), span(120, 200), span(110, 115)], 1_000)).toBe(110);
  expect(endOfLines(span(0, 100), [span(50, 300)], 1_000)).toBe(150);
  expect(endOfLines(span(0, 100), [], 130)).toBe(130);
  expect(endOfLines(span(0, 100), [], 90)).toBe(100);
  // Times are rounded: this one began right after.
  expect(endOfLines(span(0, 100.4), [span(99, 200)], 1_000)).toBe(99);
  // The process had to wait: this one did not begin before the end.
  expect(endOfLines(span(0, 100), [apart(70, 90), apart(92, 200)], 1_000)).toBe(70);
});

test("what ran at the same time is told in order; what only touches is not", () => {
  const others = [
    span(40, 60, "within"),
    span(0, 21, "before"),
    span(99, 200, "after"),
    span(10, 30, "into"),
    apart(0, 40),
    apart(60, 200),
  ];
  expect(overlapping(span(20, 100), others)).toEqual(["into", "within"]);
});

test("hooks of a suite run before its tests, or after the last", () => {
  expect(hooksSpan(span(0, 100), [])).toEqual(span(0, 100));
  expect(hooksSpan(span(0, 100), [span(10, 20), span(20, 70)])).toMatchObject({
    startMs: 70,
    endMs: 100,
  });
});

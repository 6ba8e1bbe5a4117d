import { expect, test } from "vitest";
import { type ClockReading, toEngineSpans } from "./engine-clock.ts";

const BEGAN = Date.parse("2026-01-01T12:00:00Z");
const MINUTE = 60_000;
const reading = (minute: number, offsetMs: number): ClockReading => ({
  atMs: BEGAN + minute * MINUTE,
  offsetMs,
});

/** From one minute of the run to another, in the engine's words and back. */
function spans(readings: readonly ClockReading[], from: number, to: number): string[] {
  const found = toEngineSpans(readings, BEGAN + from * MINUTE, BEGAN + to * MINUTE);
  return found.map((span) => {
    const back = [span.from, span.to].map((it) => (span.toHostMs(it) - BEGAN) / MINUTE);
    return `${span.from.slice(11, 23)}-${span.to.slice(11, 23)} = ${back.map((it) => it.toFixed(2)).join("-")}`;
  });
}

test("clocks that are one, or that were never compared", () => {
  const same = ["12:01:00.000-12:02:00.000 = 1.00-2.00"];
  expect(spans([], 1, 2)).toEqual(same);
  expect(spans([reading(0, 0)], 1, 2)).toEqual(same);
});

test("an engine that is ahead, and drifts", () => {
  const drifting = [reading(0, 5_000), reading(10, 5_900)];
  expect(spans(drifting, 1, 2)).toEqual(["12:01:05.000-12:02:05.000 = 1.00-2.00"]);
  expect(spans(drifting, 8, 9)).toEqual(["12:08:05.900-12:09:05.900 = 8.00-9.00"]);
});

test.each([
  [7, "12:18:00.000-12:19:00.000 = 11.00-12.00"],
  [-7, "12:04:00.000-12:05:00.000 = 11.00-12.00"],
])("an engine whose clock is set by %i minutes", (minutes, after) => {
  const jumping = [reading(0, 0), reading(5, 0), reading(10, minutes * MINUTE)];
  // Before it was noticed the clock was as it was before, however far away the reading is.
  expect(spans(jumping, 9, 9.5)).toEqual(["12:09:00.000-12:09:30.000 = 9.00-9.50"]);
  expect(spans(jumping, 11, 12)).toEqual([after]);
  const [before, then, ...more] = spans(jumping, 9, 12);
  expect(before).toBe("12:09:00.000-12:10:00.000 = 9.00-10.00");
  // Lines may have the new time before that is noticed.
  expect(then?.slice(13)).toBe(`${after.slice(13, 25)} = 9.83-12.00`);
  expect(more).toEqual([]);
});

test("what no date can hold", () => {
  const all = toEngineSpans(
    [reading(0, MINUTE)],
    Number.NEGATIVE_INFINITY,
    Number.MAX_SAFE_INTEGER,
  );
  expect(all.map(({ from, to }) => [from.slice(0, 4), to.slice(0, 4)])).toEqual([["1970", "9999"]]);
});

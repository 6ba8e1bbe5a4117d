import { expect, test } from "vitest";
import { durationArgument } from "./duration-argument.ts";

test.each([
  ["500ms", 500],
  ["2s", 2_000],
  ["1.5h", 5_400_000],
  ["0s", 0],
])("%s", (text, milliseconds) => {
  expect(durationArgument(text)).toBe(milliseconds);
});

test.each(["", "soon", "10", "-1s", "1 parsec", "1h30m"])("refuses %j", (text) => {
  expect(() => durationArgument(text)).toThrow("30s, 10m or 1h");
});

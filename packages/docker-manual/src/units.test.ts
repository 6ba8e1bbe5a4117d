import { expect, test } from "vitest";
import { count, formatAge, formatBytes } from "./units.ts";

test.each([
  [0, "0 B"],
  [1_023, "1023 B"],
  [1_024, "1.0 KiB"],
  [64 * 1024 ** 2, "64.0 MiB"],
  [512 * 1024 ** 2, "512 MiB"],
  [1.5 * 1024 ** 3, "1.5 GiB"],
  [5_000 * 1024 ** 4, "5000 TiB"],
])("%i bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  ["2026-01-01T00:00:00Z", "2m"],
  ["2026-01-01T01:00:00Z", "0ms"],
  [null, ""],
  [undefined, ""],
  ["soon", ""],
])("the age of %s", (time, text) => {
  expect(formatAge(time, Date.parse("2026-01-01T00:02:00Z"))).toBe(text);
});

test.each([
  [0, "0 restarts"],
  [1, "1 restart"],
  [2, "2 restarts"],
])("%i is counted", (amount, text) => {
  expect(count(amount, "restart")).toBe(text);
});

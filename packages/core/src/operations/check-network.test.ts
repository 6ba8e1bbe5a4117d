import { expect, test } from "vitest";
import { names } from "./check-network.ts";

test.each([
  ["198.18.0.1      cache", true],
  ["Server:\t127.0.0.11\nAddress:\t127.0.0.11:53\n\nName:\tcache\nAddress: 198.18.0.1", true],
  ["Address: 198.18.0.1#53", true],
  ["198.18.0.12     cache", false],
  ["2198.18.0.1", false],
  ["", false],
])("%j names 198.18.0.1: %s", (said, expected) => {
  expect(names(said, "198.18.0.1")).toBe(expected);
});

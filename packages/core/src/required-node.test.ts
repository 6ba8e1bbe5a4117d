import { expect, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { isAllowed } from "./required-node.ts";

test.each([
  ["20.20.2", false],
  ["22.21.1", false],
  ["22.22.0", true],
  ["23.11.0", false],
  ["24.0.0", true],
  ["26.1.0", true],
])("Node.js %s: %s", (version, allowed) => {
  expect(isAllowed(version, packageJson.engines.node)).toBe(allowed);
});

import { expect, test } from "vitest";
import { findOptionProblem } from "./check-options.ts";

test("options that can be used have no problem", () => {
  const problem = findOptionProblem({
    compose: ["a.yml", "b.yml"],
    services: ["web"],
    env: () => ({}),
    include: "e2e/**",
    timeout: 1,
    pullTimeout: 1,
    keep: false,
    kind: "shared",
    publish: { web: [9229] },
    logs: { maxBytes: 1 },
    failOn: { level: "error", pattern: /deadlock/ },
    onFailure: () => {},
    name: undefined,
  });
  expect(problem).toBeUndefined();
});

test.each([
  [
    { compose: "" },
    'Expected the option `compose` to be a string or a list of strings, got "" (string).',
  ],
  [
    { timeout: 0 },
    "Expected the option `timeout` to be a positive number of milliseconds, got 0 (number).",
  ],
  [
    { keep: true },
    'Expected the option `keep` to be one of "on-failure", false, got true (boolean).',
  ],
  [
    { env: { A: "b" } },
    /^Expected the option `env` to be a function, .*, got \{"A":"b"\} \(object\)\.$/,
  ],
  [{ failOn: { level: "warn" } }, /^Expected the option `failOn` to be an object such as/],
  [{ failOn: {} }, /^Expected the option `failOn`/],
  [{ failOn: { patern: "x" } }, /^Expected the option `failOn`/],
  [{ logs: true }, "Expected the option `logs` to be an object, or false, got true (boolean)."],
  [{ profiles: [1] }, "Expected the option `profiles` to be a list of strings, got [1] (a list)."],
  [{ prepare: null }, /got null\.$/],
  [{ toString2: 1 }, "There is no option `toString2`."],
  ["a.yml", 'Expected the options of `realServices` to be an object, got "a.yml" (string).'],
])("%j", (options, message) => {
  expect(findOptionProblem(options)?.message).toMatch(message);
});

import { expect, test } from "vitest";
import { exitSignal, signalName } from "./exit-signal.ts";

test.each([
  [0, undefined],
  [9, undefined],
  [126, undefined],
  [128, undefined],
  [130, "SIGINT"],
  [134, "SIGABRT"],
  [137, "SIGKILL"],
  [139, "SIGSEGV"],
  [143, "SIGTERM"],
  [255, undefined],
])("exit code %i tells of %s", (exitCode, signal) => {
  expect(exitSignal(exitCode)).toBe(signal);
});

test("one without a name of its own has its number", () => {
  expect([signalName(9), signalName(40)]).toEqual(["SIGKILL", "signal 40"]);
});

import { expect, test } from "vitest";
import { formatSwitch, parseKeep, parseSwitch, readSwitch } from "./switch.ts";

const ALL = { enabled: true, services: undefined };
const OFF = { enabled: false, services: undefined };

test.each([
  [undefined, undefined],
  ["", undefined],
  ["1", ALL],
  ["true", ALL],
  ["0", OFF],
  ["False", OFF],
  ["postgres, redis", { enabled: true, services: ["postgres", "redis"] }],
])("REAL_SERVICES=%s", (value, expected) => {
  expect(parseSwitch(value)).toEqual(expected);
});

test.each([ALL, OFF, { enabled: true, services: ["Postgres", "redis"] }])(
  "%j reaches the workers as it is",
  (on) => {
    expect(parseSwitch(formatSwitch(on))).toEqual(on);
  },
);

test.each([
  ["nothing", {}, [], "test", OFF],
  ["the mode", {}, [], "real-services", ALL],
  [
    "the flag behind --",
    {},
    ["run", "--", "--real-services=web"],
    "test",
    { ...ALL, services: ["web"] },
  ],
  ["the flag before it, which is the launcher's", {}, ["--real-services", "--"], "test", OFF],
  [
    "a variable that says no to all others",
    { REAL_SERVICES: "0" },
    ["--", "--real-services"],
    "real-services",
    OFF,
  ],
  ["an empty variable, as not there", { REAL_SERVICES: "" }, [], "real-services", ALL],
])("%s", (_case, env, argv, mode, expected) => {
  expect(readSwitch({ env, argv, mode })).toEqual(expected);
});

test.each([
  [undefined, undefined],
  ["on-failure", "on-failure"],
  ["1", "on-failure"],
  ["0", false],
  ["always", { unknown: "always" }],
])("REAL_SERVICES_KEEP=%s", (value, expected) => {
  expect(parseKeep(value)).toEqual(expected);
});

import { expect, test } from "vitest";
import type { ComposeService } from "./model.ts";
import { readableLogging } from "./readable-logs.ts";

test.each<[ComposeService["logging"], ComposeService["logging"]]>([
  [undefined, undefined],
  [{ driver: "none" }, { driver: "json-file" }],
  [{ driver: "json-file" }, { driver: "json-file" }],
  [
    { driver: "json-file", options: { "max-size": "10k", "max-file": "2" } },
    { driver: "json-file", options: { "max-size": "1g", "max-file": "2" } },
  ],
  [{ options: { "max-size": "10m" } }, { options: { "max-size": "1g" } }],
  [{ options: { "max-size": "3g" } }, { options: { "max-size": "3g" } }],
  [{ driver: "local" }, { driver: "local", options: { "max-size": "1g" } }],
  [{ driver: "journald" }, { driver: "journald" }],
])("of %j no line is removed before it was read", (logging, expected) => {
  expect(readableLogging(logging === undefined ? {} : { logging })).toEqual(expected);
});

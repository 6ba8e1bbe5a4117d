import { expect, test } from "vitest";
import { FlagError, takeFlags } from "./flags.ts";

test.each([
  ["run --real-services --shard=1/2", "run --shard=1/2", { REAL_SERVICES: "1" }],
  ["--real-services=postgres,redis", "", { REAL_SERVICES: "postgres,redis" }],
  ["--real-services --no-real-services", "", { REAL_SERVICES: "0" }],
  ["--real-services-keep", "", { REAL_SERVICES_KEEP: "on-failure" }],
  ["--real-services-keep=on-failure a", "a", { REAL_SERVICES_KEEP: "on-failure" }],
  ["--no-real-services-keep", "", { REAL_SERVICES_KEEP: "0" }],
  ["--real-services --verbose run", "run", { REAL_SERVICES: "1", REAL_SERVICES_VERBOSE: "1" }],
  ["run -- --real-services", "run -- --real-services", {}],
  ["--real-services-other", "--real-services-other", {}],
])("vitest %s", (line, rest, env) => {
  const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");
  expect(takeFlags(words(line))).toEqual({ argv: words(rest), env });
});

test("a word that the keep flag does not know is refused", () => {
  expect(() => takeFlags(["--real-services-keep=always"])).toThrow(FlagError);
});

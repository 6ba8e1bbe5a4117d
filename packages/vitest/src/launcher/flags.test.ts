import { expect, test } from "vitest";
import { FlagError, takeFlags } from "./flags.ts";

test.each([
  ["run --real-services --shard=1/2", "run --shard=1/2", { REAL_SERVICES: "1" }],
  ["--real-services=postgres,redis", "", { REAL_SERVICES: "postgres,redis" }],
  ["--real-services --no-real-services", "", { REAL_SERVICES: "0" }],
  ["--no-real-services --real-services=web", "", { REAL_SERVICES: "0" }],
  ["--real-services --real-services=web", "", { REAL_SERVICES: "web" }],
  ["--real-services-keep", "", { REAL_SERVICES_KEEP: "on-failure" }],
  ["--real-services-keep=on-failure a", "a", { REAL_SERVICES_KEEP: "on-failure" }],
  ["--no-real-services-keep", "", { REAL_SERVICES_KEEP: "0" }],
  ["--real-services --verbose run", "run", { REAL_SERVICES: "1", REAL_SERVICES_VERBOSE: "1" }],
  ["run -- --real-services", "run -- --real-services", {}],
  ["run -- --real-service", "run -- --real-service", {}],
  ["--reporter=verbose --retry=2 real-service", "--reporter=verbose --retry=2 real-service", {}],
])("vitest %s", (line, rest, env) => {
  const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");
  expect(takeFlags(words(line))).toEqual({ argv: words(rest), env });
});

test("a word that the keep flag does not know is refused", () => {
  expect(() => takeFlags(["--real-services-keep=always"])).toThrow(FlagError);
});

test.each([
  ["--real-service", "--real-services"],
  ["--no-real-service", "--no-real-services"],
  ["--real-services-kep=on-failure", "--real-services-keep"],
  ["--realServicse", "--real-services"],
  ["--reel-services", "--real-services"],
])("%s is refused with the flag that was meant", (word, meant) => {
  const [name] = word.split("=");
  expect(() => takeFlags(["run", word])).toThrow(
    new FlagError(`Unknown option ${name}. Did you mean ${meant}?`),
  );
});

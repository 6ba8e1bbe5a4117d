import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const repository = join(import.meta.dirname, "../../..");

// Not a type test of Vitest's: what a consumer registers would hold for this whole repository.
test("a consumer's types know the services it registers", () => {
  const compiler = join(repository, "node_modules/.bin/tsc");
  const project = join(repository, "fixtures/projects/types");
  expect(execFileSync(compiler, ["-p", project], { encoding: "utf8" })).toBe("");
});

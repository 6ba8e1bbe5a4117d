/** What isolation makes of any model is a model that Compose itself accepts. */
import { execa } from "execa";
import fc from "fast-check";
import { expect, test } from "vitest";
import { copy, model } from "./arbitrary-model.ts";

const SAMPLES = process.env["REAL_SERVICES_SOAK"] === "1" ? 200 : 5;

test(`${SAMPLES} generated copies`, async () => {
  await fc.assert(
    fc.asyncProperty(model, async (original) => {
      const input = JSON.stringify(copy(original, 0));
      const args = ["compose", "-p", "stack-0", "-f", "-", "config", "--quiet"];
      const { stderr, exitCode } = await execa("docker", args, { input, reject: false });
      expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    }),
    { numRuns: SAMPLES },
  );
});

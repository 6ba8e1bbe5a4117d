/** An option that cannot be used ends the run with one readable message, also with the flag off. */
import { expect, test } from "vitest";
import { runVitest } from "./consumer.ts";

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";

/** Each kind of value is in check-options.test.ts. */
const BAD = [
  [[], { compse: "a.yml" }, "no option `compse`", "Did you mean `compose`?"],
  [[], { timeout: "soon" }, "`timeout` to be a positive number of milliseconds", '"soon" (string)'],
  [
    ["--real-services"],
    { services: "web" },
    "`services` to be a list of strings",
    '"web" (string)',
  ],
] as const;

test.each(IS_SOAK ? BAD : BAD.slice(0, 1))("%j %j", async (flags, options, ...expected) => {
  const { exitCode, all } = await runVitest("bad-options", flags, {
    env: { OPTIONS: JSON.stringify(options) },
  });
  expect(exitCode).toBe(1);
  expect(all).toContain("REAL_SERVICES_INVALID_OPTION");
  for (const words of expected) expect(all).toContain(words);
  expect(all).not.toMatch(/^\s+at /m);
  expect(all).not.toContain("never gets here");
});

test("a word that REAL_SERVICES_KEEP does not know", async () => {
  const { exitCode, all } = await runVitest("bad-options", ["--real-services-keep=always"]);
  expect(exitCode).toBe(1);
  expect(all).toContain(
    "Expected --real-services-keep=on-failure, got --real-services-keep=always.",
  );
});

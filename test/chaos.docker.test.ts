/** Runs die at random points, in random ways: nothing of them is left, the living live, no canary is touched. */
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
/** Long rounds differ from day to day; what everybody runs is the same for everybody. */
const ARGS = IS_SOAK ? ["--rounds", "100"] : ["--rounds", "3", "--seed", "1"];
const SOAK_MS = 20 * 60_000;
/** After SIGKILL of the owner alone. */
const CLEAN_UP_SECONDS = 5;

test("rounds of chaos", { timeout: IS_SOAK ? SOAK_MS : 120_000 }, async () => {
  const script = join(import.meta.dirname, "../scripts/chaos/main.ts");
  const { all, exitCode } = await execa(process.execPath, [script, ...ARGS], {
    all: true,
    reject: false,
  });
  expect(exitCode, all).toBe(0);
  expect(all).toMatch(/, 0 problems$/m);
  const [, seconds] = /SIGKILL of the owner alone ([\d.]+) s/.exec(all) ?? [];
  expect(Number(seconds), all).toBeLessThan(CLEAN_UP_SECONDS);
});

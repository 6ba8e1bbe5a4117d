/** Runs die at random points, in random ways: nothing of them is left, the living live, no canary is touched. */
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { DEATHS, POINTS } from "../scripts/chaos/plan.ts";

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
/** Long rounds differ from day to day; what everybody runs is the same for everybody: of every death and every point one. */
const ARGS = IS_SOAK ? ["--rounds", "100"] : ["--rounds", "5", "--seed", "563"];
const SOAK_MS = 20 * 60_000;
/** After SIGKILL of the owner alone; a budget, which only the soak has the quiet to hold. */
const CLEAN_UP_SECONDS = 5;

test("rounds of chaos", { timeout: IS_SOAK ? SOAK_MS : 120_000 }, async () => {
  const script = join(import.meta.dirname, "../scripts/chaos/main.ts");
  const { all, exitCode } = await execa(process.execPath, [script, ...ARGS], {
    all: true,
    reject: false,
  });
  expect(exitCode, all).toBe(0);
  expect(all).toMatch(/, 0 problems$/m);
  // A change of the plans asks for another seed.
  for (const death of DEATHS) expect(all).toContain(`  ${death} at `);
  for (const point of POINTS) expect(all).toMatch(new RegExp(` at ${point}[:,]`));
  const [, seconds] = /SIGKILL of the owner alone ([\d.]+) s/.exec(all) ?? [];
  expect(seconds, all).toBeDefined();
  if (!IS_SOAK) return;
  console.log(all.slice(all.lastIndexOf("seed ")));
  expect(Number(seconds), all).toBeLessThan(CLEAN_UP_SECONDS);
});

import { expect, test } from "vitest";
import { untilQuiet } from "./until-quiet.ts";

/** What is seen at each look after the one before. */
async function looksAt(sizes: readonly number[], endedMs = Date.now()): Promise<number> {
  let looks = 0;
  await untilQuiet(async () => {
    looks += 1;
    return sizes[Math.min(looks, sizes.length) - 1] ?? 0;
  }, endedMs);
  return looks;
}

test.concurrent("what has come is looked at once more", async () => {
  expect(await looksAt([2])).toBe(2);
  expect(await looksAt([1, 2, 3, 3])).toBe(4);
});

test.concurrent("a busy engine is waited for where there is nothing yet, not for ever", async () => {
  expect(await looksAt([0, 0, 0, 2, 2], Date.now() + 10_000)).toBe(5);
  const longAgoMs = Date.now() - 10_000;
  expect(await looksAt([0], longAgoMs)).toBe(2);
  const beganMs = Date.now();
  await looksAt([0], beganMs);
  expect(Date.now()).toBeGreaterThanOrEqual(beganMs + 500);
});

test.concurrent("who writes all the time is not waited for", async () => {
  const growing = Array.from({ length: 1_000 }, (_, at) => at + 1);
  expect(await looksAt(growing)).toBeLessThan(1_000);
});

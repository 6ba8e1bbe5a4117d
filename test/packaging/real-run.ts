import { expect } from "vitest";
import type { OutsideProject } from "./outside-project.ts";

/** Both tests of the project pass, on exactly these services, of which nothing is left afterwards. */
export async function expectRealRun(
  project: OutsideProject,
  line: string,
  expected: { services?: readonly string[]; vitest?: string } = {},
): Promise<void> {
  const { services = ["postgres", "redis"], vitest = "v5." } = expected;
  const { stdout, stderr } = await project.run(line);
  expect(stdout).toContain(` RUN  ${vitest}`);
  expect(stdout).toContain("test/services.real.test.ts");
  expect(stdout).toMatch(/Tests {2}2 passed \(2\)/);
  const ready = [...stderr.matchAll(/^real-services +(\w+) +ready/gm)].map(([, name]) => name);
  expect(ready.sort()).toEqual(services);
  expect(stderr).toMatch(/^real-services .* removed/m);
  expect(await project.environments()).toEqual([]);
}

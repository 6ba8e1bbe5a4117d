import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { killWatchdogOf } from "../../core/test/watchdogs.ts";
import { type Run, repository, startVitest } from "../../vitest/test/consumer.ts";
import { followLines } from "../../vitest/test/lines.ts";
import type { Workshop } from "./workshop.ts";

const MADE_UP_HOST = join(import.meta.dirname, "made-up-host.ts");
const PROJECT = {
  // In threads: there is one process to kill. What `start` left meanwhile is not to be taken.
  "vitest.config.ts": `import { realServices } from "@real-services/vitest";
export default { plugins: [realServices({ adopt: false })], test: { pool: "threads" } };
`,
  "endless.real.test.ts": `import { writeSync } from "node:fs";
import { test } from "vitest";
test("goes on", { timeout: 3_600_000 }, () => {
  writeSync(2, "the test runs\\n");
  return new Promise((resolve) => setTimeout(resolve, 3_600_000));
});
`,
};

/** A test run with the plugin on the workshop's stack, in the middle of its test until it is killed. */
export async function spawnOwner(
  { folder, name: prefix }: Workshop,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly owner: Run; readonly name: string }> {
  for (const [file, content] of Object.entries(PROJECT)) writeFileSync(join(folder, file), content);
  const modules = join(folder, "node_modules");
  if (!existsSync(modules)) symlinkSync(join(repository, "node_modules"), modules);
  const variables = { COMPOSE_PROJECT_NAME: prefix, ...env };
  const owner = startVitest(folder, ["--real-services"], { env: variables });
  const next = followLines(owner.stderr);
  const [, name = ""] = await next(new RegExp(` (${prefix}-[0-9a-f]{6}) +ready`));
  await next(/the test runs/);
  return { owner, name };
}

/** Variables by which its processes are of a host that no other sweep on this engine knows. */
export function onHostOfItsOwn({ name }: Workshop): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${MADE_UP_HOST}`, MADE_UP_HOST: name };
}

/** With its watchdog, which would leave nothing to look at. */
export async function killOwner(owner: Run): Promise<void> {
  await killWatchdogOf(owner.pid ?? 0);
  owner.kill("SIGKILL");
  await owner;
}

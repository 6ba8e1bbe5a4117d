import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { killWatchdogOf } from "../../core/test/watchdogs.ts";
import { repository, startVitest } from "../../vitest/test/consumer.ts";
import { followLines } from "../../vitest/test/lines.ts";
import { ownEnvironment, type Workshop } from "./workshop.ts";

const MADE_UP_HOST = join(import.meta.dirname, "made-up-host.ts");
const WORKER = join(import.meta.dirname, "../../core/test/owner-worker.ts");
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

type Variables = Readonly<Record<string, string>>;

export interface Owner extends PromiseLike<unknown> {
  readonly pid?: number | undefined;
  kill(signal: NodeJS.Signals): boolean;
}

export interface Owned {
  readonly owner: Owner;
  /** Of its environment, on the workshop's stack. */
  readonly name: string;
}

/** A test run with the plugin, in the middle of its test until it is killed. */
export async function spawnTestRun(
  { folder, name: prefix }: Workshop,
  env: Variables = {},
): Promise<Owned> {
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

/** The same for the engine and for every other process, without the costs of a test run. */
export async function spawnOwner(
  { folder, name: prefix }: Workshop,
  env: Variables = {},
): Promise<Owned> {
  const options = JSON.stringify({ cwd: folder, adopt: false });
  const owner = execa(process.execPath, [WORKER, options], {
    extendEnv: false,
    env: { ...ownEnvironment(), COMPOSE_PROJECT_NAME: prefix, ...env },
    reject: false,
  });
  const [line] = await followLines(owner.stdout)(/^\{.*"name".*\}$/);
  const { name }: { name: string } = JSON.parse(line);
  return { owner, name };
}

/** What stands for a test run where only its owner matters; in the soak it is one. */
export const spawnOwned = process.env["REAL_SERVICES_SOAK"] === "1" ? spawnTestRun : spawnOwner;

/** Variables by which its processes are of a host that no other sweep on this engine knows. */
export function onHostOfItsOwn({ name }: Workshop): Variables {
  return { NODE_OPTIONS: `--import=${MADE_UP_HOST}`, MADE_UP_HOST: name };
}

/** With its watchdog, which would leave nothing to look at. */
export async function killOwner(owner: Owner): Promise<void> {
  await killWatchdogOf(owner.pid ?? 0);
  owner.kill("SIGKILL");
  await owner;
}

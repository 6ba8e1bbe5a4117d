/** In watch mode services start with the first run that needs them, and stay until Vitest is closed. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type ConsumerOptions,
  exitCodeOf,
  hasTerminals,
  projectFolder,
  type Run,
  repository,
  startVitest,
  uniqueName,
} from "./consumer.ts";
import { findEnvironments, removeEnvironments } from "./engine.ts";
import { followLines } from "./lines.ts";

const CTRL_C = "\x03";

let name: string;
let folder: string;
let run: Run | undefined;
beforeEach(() => {
  name = uniqueName();
  // A copy, because the test writes into it.
  folder = mkdtempSync(join(tmpdir(), "watch-"));
  const filter = (file: string): boolean => !file.includes("node_modules");
  cpSync(projectFolder("watch"), folder, { recursive: true, filter });
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
});
afterEach(async () => {
  // Only a test that failed leaves it running.
  run?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
  await removeEnvironments(name);
});

/** Begins to watch; hands out the lines that come. */
function watch(args: readonly string[], { env, ...options }: ConsumerOptions = {}) {
  run = startVitest(folder, ["--real-services", ...args], {
    command: "watch",
    env: { COMPOSE_PROJECT_NAME: name, ...env },
    ...options,
  });
  return followLines(run.all);
}

function edit(file: string, text: string): void {
  writeFileSync(join(folder, file), text);
}

test("a later run starts them, the next one finds them, closing removes them", async () => {
  const real = readFileSync(join(folder, "web.real.test.ts"), "utf8");
  const next = watch(["-t", "adds"], { terminal: hasTerminals });
  await next(/Waiting for file changes/);
  expect(await findEnvironments(name)).toEqual([]);

  const selected = real.replace("answers", "adds a service");
  edit("web.real.test.ts", selected);
  const [, first] = await next(/ran on (\S+)/);
  await next(/Waiting for file changes/);
  edit("web.real.test.ts", `${selected}\n`);
  const [, second] = await next(/ran on (\S+)/);
  await next(/Waiting for file changes/);
  expect(second).toBe(first);
  expect(await findEnvironments(name)).toEqual([first]);

  // At a terminal keys are no signals: Vitest reads them itself.
  if (hasTerminals) run?.stdin.write(CTRL_C);
  else run?.kill("SIGINT");
  expect(run && (await exitCodeOf(run))).toBe(130);
  expect(await findEnvironments(name)).toEqual([]);
});

test("services that do not start fail their files alone, and the next run tries again", async () => {
  const next = watch([], { env: { STACK: "stack.yml" } });
  await next(/REAL_SERVICES_NO_COMPOSE_FILE/);
  await next(/adds/);
  await next(/The services of this file did not start/);
  await next(/Watching for file changes/);
  cpSync(join(folder, "docker-compose.yml"), join(folder, "stack.yml"));
  edit("web.real.test.ts", `${readFileSync(join(folder, "web.real.test.ts"), "utf8")}\n`);
  await next(/ran on/);
  run?.kill("SIGINT");
  expect(run && (await exitCodeOf(run))).toBe(130);
  expect(await findEnvironments(name)).toEqual([]);
});

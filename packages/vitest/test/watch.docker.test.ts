/** In watch mode services start with the first run that needs them, and stay until Vitest is closed. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
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

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
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

function edit(file: string, text: string): void {
  writeFileSync(join(folder, file), text);
}

/** At a terminal, where keys are no signals: Vitest reads them itself. */
const WAYS = IS_SOAK && hasTerminals ? [true, false] : [hasTerminals];

test.each(WAYS)(
  "a later run starts them, or fails their files alone; the next one finds them, closing removes them; at a terminal: %j",
  async (terminal) => {
    const real = readFileSync(join(folder, "web.real.test.ts"), "utf8");
    run = startVitest(folder, ["--real-services", "-t", "adds"], {
      command: "watch",
      terminal,
      env: { COMPOSE_PROJECT_NAME: name, STACK: "stack.yml" },
    });
    const next = followLines(run.all);
    await next(/Waiting for file changes/);
    expect(await findEnvironments(name)).toEqual([]);

    const selected = real.replace("answers", "adds a service");
    edit("web.real.test.ts", selected);
    // Both files have it.
    edit("one.ts", "export const ONE = 1.0;\n");
    await next(/✓ adds\.test\.ts/);
    await next(/The services of this file did not start/);
    await next(/Watching for file changes/);

    cpSync(join(folder, "docker-compose.yml"), join(folder, "stack.yml"));
    edit("web.real.test.ts", `${selected}\n`);
    const [, first] = await next(/ran on (\S+)/);
    await next(/Waiting for file changes/);
    edit("web.real.test.ts", `${selected}\n\n`);
    const [, second] = await next(/ran on (\S+)/);
    await next(/Waiting for file changes/);
    expect(second).toBe(first);
    expect(await findEnvironments(name)).toEqual([first]);

    if (terminal) run.stdin.write(CTRL_C);
    else run.kill("SIGINT");
    expect(await exitCodeOf(run)).toBe(130);
    expect((await run).all).toContain("REAL_SERVICES_NO_COMPOSE_FILE");
    expect(await findEnvironments(name)).toEqual([]);
  },
);

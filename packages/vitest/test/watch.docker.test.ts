/** In watch mode services start with the first run that needs them, and stay until Vitest is closed. */
import { expect, test } from "vitest";
import { exitCodeOf, hasTerminals } from "./consumer.ts";
import { findEnvironments } from "./engine.ts";
import { Watched } from "./watched.ts";

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
const CTRL_C = "\x03";

/** At a terminal, where keys are no signals: Vitest reads them itself. */
const WAYS = IS_SOAK && hasTerminals ? [true, false] : [hasTerminals];

test.each(WAYS)(
  "a later run starts them, or fails their files alone; the next one finds them, closing removes them; at a terminal: %j",
  async (terminal) => {
    await using watched = new Watched(["-t", "adds"], { terminal });
    const { name, next, run } = watched;
    const real = watched.read("web.real.test.ts");
    await next(/Waiting for file changes/);
    expect(await findEnvironments(name)).toEqual([]);

    const selected = real.replace("answers", "adds a service");
    watched.edit("web.real.test.ts", selected);
    // Both files have it.
    watched.edit("one.ts", "export const ONE = 1.0;\n");
    await next(/✓ adds\.test\.ts/);
    await next(/The services of this file did not start/);
    await next(/Watching for file changes/);

    watched.addStack();
    watched.edit("web.real.test.ts", `${selected}\n`);
    const [, first] = await next(/ran on (\S+)/);
    await next(/Waiting for file changes/);
    watched.edit("web.real.test.ts", `${selected}\n\n`);
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

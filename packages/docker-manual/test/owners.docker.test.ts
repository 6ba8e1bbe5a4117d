/** Whose an environment is decides: `status` and `clean` tell it, `stop` takes nothing from the living. */
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { killWatchdogOf } from "../../core/test/watchdogs.ts";
import { spawnOwner } from "./owner.ts";
import { Workshop } from "./workshop.ts";

const MADE_UP_HOST = join(import.meta.dirname, "made-up-host.ts");

test("a living process and one that was killed", async () => {
  await using workshop = await Workshop.open();
  const env = { NODE_OPTIONS: `--import=${MADE_UP_HOST}`, MADE_UP_HOST: workshop.name };
  const run = (...args: string[]) => workshop.run(args, { env });
  const [living, killed] = await Promise.all([
    spawnOwner(workshop, env),
    spawnOwner(workshop, env),
  ]);
  try {
    // With its watchdog: it would leave nothing to look at.
    await killWatchdogOf(killed.owner.pid ?? 0);
    killed.owner.kill("SIGKILL");
    await once(killed.owner, "exit");

    const status = await run("status");
    expect(status.exitCode).toBe(0);
    expect(workshop.normalize(partOf(status.stdout, living.name))).toMatchInlineSnapshot(`
      "shop-3f9a1c  dedicated, 4s old
        owner: process 4711 on <host>, alive
        web  running  HEALTHY  up 4s  127.0.0.1:30000->8000"
    `);
    expect(workshop.normalize(partOf(status.stdout, killed.name))).toMatchInlineSnapshot(`
      "shop-3f9a1c  dedicated, 4s old
        owner: process 4711 on <host>, dead; an orphan, \`docker-manual clean\` removes it
        web  running  HEALTHY  up 4s  127.0.0.1:30000->8000"
    `);

    const plan = await run("clean", "--dry-run");
    expect(workshop.normalize(partOf(plan.stdout, living.name))).toMatchInlineSnapshot(
      `"kept          shop-3f9a1c  1 container, 1 network, 0 volumes  owner process 4711 is alive"`,
    );
    expect(workshop.normalize(partOf(plan.stdout, killed.name))).toMatchInlineSnapshot(
      `"would remove  shop-3f9a1c  1 container, 1 network, 0 volumes  owner process 4711 is dead"`,
    );
    const young = await run("clean", "--older-than", "1h");
    expect(workshop.normalize(partOf(young.stdout, killed.name))).toMatchInlineSnapshot(
      `"kept  shop-3f9a1c  1 container, 1 network, 0 volumes  owner process 4711 is dead, but it is younger than asked for"`,
    );
    expect(await workshop.environments()).toContain(killed.name);

    const done = await run("clean");
    expect(done.exitCode).toBe(0);
    expect(workshop.normalize(partOf(done.stdout, killed.name))).toMatchInlineSnapshot(
      `"removed  shop-3f9a1c  1 container, 1 network, 0 volumes  owner process 4711 is dead"`,
    );
    expect(await workshop.environments()).toEqual([living.name]);

    const refused = await run("stop");
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("REAL_SERVICES_OWNER_ALIVE");
    expect(refused.stderr).toContain(`process ${living.owner.pid}`);
    expect(await workshop.environments()).toEqual([living.name]);

    const forced = await run("stop", "--force");
    expect(forced).toMatchObject({ exitCode: 0, stdout: `stopped ${living.name}` });
    expect(await workshop.environments()).toEqual([]);
  } finally {
    for (const { owner } of [living, killed]) owner.kill("SIGKILL");
  }
});

/** The lines on one environment: they begin with the one that names it. */
function partOf(text: string, name: string): string {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.includes(name));
  const next = lines.findIndex((line, index) => index > first && !line.startsWith("  "));
  return lines.slice(first, next === -1 ? undefined : next).join("\n");
}

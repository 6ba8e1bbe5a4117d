/** `status` and `clean` tell who owns what: a living process, a dead one, a lease. */
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { spawnOwner } from "./owner.ts";
import { Workshop } from "./workshop.ts";

const MADE_UP_HOST = join(import.meta.dirname, "made-up-host.ts");

test("a living process, a killed one, a lease", async () => {
  await using workshop = await Workshop.open();
  const env = { NODE_OPTIONS: `--import=${MADE_UP_HOST}`, MADE_UP_HOST: workshop.name };
  const run = (...args: string[]) => workshop.run(args, { env });
  const leased = await workshop.start();
  const living = await spawnOwner(workshop, env);
  const killed = await spawnOwner(workshop, env);
  try {
    killed.owner.kill("SIGKILL");
    await once(killed.owner, "exit");

    const all = await workshop.status({ env });
    const told = all.map(({ name, kind, orphan, owner }) => [
      name,
      kind,
      owner.kind,
      owner.liveness,
      orphan,
    ]);
    expect(told).toHaveLength(3);
    expect(told).toEqual(
      expect.arrayContaining([
        [leased, "shared", "lease", "alive", false],
        [living.name, "dedicated", "process", "alive", false],
        [killed.name, "dedicated", "process", "dead", true],
      ]),
    );
    const shown = await run("status");
    expect(shown.exitCode).toBe(0);
    expect(shown.stdout).toMatch(/owner: process \d+ on \S+, alive$/m);
    expect(shown.stdout).toMatch(
      /owner: process \d+ on \S+, dead; an orphan, `docker-manual clean` removes it$/m,
    );
    expect(shown.stdout).toMatch(/owner: lease until \S+Z, alive$/m);
    expect(shown.stdout).toMatch(/^ {2}web +running +HEALTHY +127\.0\.0\.1:3\d{4}->8000$/m);

    const plan = await run("clean", "--dry-run");
    expect(plan.stdout).toMatch(
      new RegExp(
        `^would remove +${killed.name} +1 container, 1 network, \\d volumes? +owner process \\d+ is dead$`,
        "m",
      ),
    );
    expect(plan.stdout).toMatch(
      new RegExp(`^kept +${living.name} .* owner process ${living.owner.pid} is alive$`, "m"),
    );
    expect(plan.stdout).toMatch(new RegExp(`^kept +${leased} .* its lease runs until \\S+Z$`, "m"));
    const young = await run("clean", "--older-than", "1h");
    expect(young.stdout).toMatch(
      new RegExp(`^kept +${killed.name} .* younger than asked for$`, "m"),
    );
    expect(await workshop.environments()).toContain(killed.name);

    const done = await run("clean");
    expect(done.exitCode).toBe(0);
    expect(done.stdout).toMatch(new RegExp(`^removed +${killed.name} `, "m"));
    expect(await workshop.environments()).toEqual([leased, living.name].sort());
  } finally {
    for (const { owner } of [living, killed]) owner.kill("SIGKILL");
  }
});

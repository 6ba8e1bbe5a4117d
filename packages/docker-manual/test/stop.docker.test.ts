/** `stop` removes what it is told to, finds the only one by itself, and takes nothing from the living. */
import { once } from "node:events";
import { expect, test } from "vitest";
import { spawnOwner } from "./owner.ts";
import { Workshop } from "./workshop.ts";

test("none, several, one", async () => {
  await using workshop = await Workshop.open();
  const none = await workshop.run(["stop"]);
  expect(none.exitCode).toBe(1);
  expect(none.stderr).toContain("REAL_SERVICES_UNKNOWN_ENVIRONMENT");
  expect(none.stderr).toContain("npx docker-manual start");

  const [first, second] = [await workshop.start(), await workshop.start()];
  const several = await workshop.run(["stop"]);
  expect(several.exitCode).toBe(1);
  expect(several.stderr).toContain("REAL_SERVICES_AMBIGUOUS_ENVIRONMENT");
  expect(several.stderr).toContain(first);
  expect(several.stderr).toContain(second);

  const unknown = await workshop.run(["stop", workshop.name]);
  expect(unknown.exitCode).toBe(1);
  expect(unknown.stderr).toContain("REAL_SERVICES_UNKNOWN_ENVIRONMENT");
  expect(unknown.stderr).toContain(first);
  expect(await workshop.environments()).toEqual([first, second].sort());

  expect((await workshop.run(["stop", first])).stdout).toBe(`stopped ${first}`);
  expect(await workshop.environments()).toEqual([second]);
  expect((await workshop.run(["stop"])).stdout).toBe(`stopped ${second}`);
  expect(await workshop.environments()).toEqual([]);
});

test("one whose owner is alive goes only by force", async () => {
  await using workshop = await Workshop.open();
  const { owner, name } = await spawnOwner(workshop);
  try {
    const refused = await workshop.run(["stop", name]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("REAL_SERVICES_OWNER_ALIVE");
    expect(refused.stderr).toContain(`process ${owner.pid}`);
    expect(await workshop.environments()).toEqual([name]);

    const forced = await workshop.run(["stop", "--force"]);
    expect(forced).toMatchObject({ exitCode: 0, stdout: `stopped ${name}` });
    expect(await workshop.environments()).toEqual([]);
  } finally {
    owner.kill("SIGKILL");
    await once(owner, "exit");
  }
});

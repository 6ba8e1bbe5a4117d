/** `stop` removes what it is told to, and finds the only one by itself. */
import { expect, test } from "vitest";
import { Workshop } from "./workshop.ts";

test("none, several, one", async () => {
  await using workshop = await Workshop.open();
  const none = await workshop.run(["stop"]);
  expect(none.exitCode).toBe(1);
  expect(none.stderr).toContain("REAL_SERVICES_UNKNOWN_ENVIRONMENT");
  expect(none.stderr).toContain("npx docker-manual start");

  const started = await workshop.run(["start"]);
  expect(started.exitCode).toBe(0);
  expect(started.stderr).toMatch(/^real-services +web +ready /m);
  expect(workshop.normalize(started.stdout)).toMatchInlineSnapshot(`
    "# web  http://127.0.0.1:30000

    export WEB_URL=http://127.0.0.1:30000
    export WEB_HOST=127.0.0.1
    export WEB_PORT=30000

    # stop it: npx docker-manual stop shop-3f9a1c"
  `);
  const first = /docker-manual stop (\S+)$/.exec(started.stdout)?.[1] ?? "";
  const second = await workshop.start();

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

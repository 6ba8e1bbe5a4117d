/** What `start` tells, and how `stop` ends it: each service with its own grace, dependants first. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { killOwner, onHostOfItsOwn, spawnOwned } from "./owner.ts";
import { IMAGE, Workshop } from "./workshop.ts";

const ending = (name: string) =>
  `[sh, -c, "trap 'echo ${name} >>/ended/order; exit 0' TERM; peer & wait"]`;
const STACK = {
  "ended/order": "",
  "compose.yaml": `
services:
  store: { image: "${IMAGE}", volumes: ["./ended:/ended"], command: ${ending("store")} }
  web:
    image: "${IMAGE}"
    ports: [8000]
    volumes: ["./ended:/ended"]
    command: ${ending("web")}
    depends_on: [store, stubborn]
  stubborn:
    image: "${IMAGE}"
    stop_grace_period: 1s
    command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"]
`,
};

test("start, and stop", async () => {
  await using workshop = await Workshop.open(STACK);
  const started = await workshop.run(["start"]);
  expect(started.exitCode, started.stderr).toBe(0);
  expect(started.stderr).toMatch(/^real-services +web +ready /m);
  expect(workshop.normalize(started.stdout)).toMatchInlineSnapshot(`
    "# store     publishes no port
    # stubborn  publishes no port
    # web       http://127.0.0.1:30000

    export WEB_URL=http://127.0.0.1:30000
    export WEB_HOST=127.0.0.1
    export WEB_PORT=30000

    # stop it: npx docker-manual stop shop-3f9a1c"
  `);
  const name = /docker-manual stop (\S+)$/.exec(started.stdout)?.[1] ?? "";
  expect(await workshop.environments()).toEqual([name]);

  const stopped = await workshop.run(["stop", workshop.name]);
  expect(stopped.exitCode, stopped.stderr).toBe(0);
  expect(stopped.stdout).toBe(`stopped ${name}`);
  expect(stopped.stderr).toMatch(/stubborn +killed +did not end within its grace period of 1\.0 s/);
  expect(readFileSync(join(workshop.folder, "ended/order"), "utf8")).toBe("web\nstore\n");
  expect(await workshop.environments()).toEqual([]);
});

test("stop of what a killed owner left: nobody has to be asked", async () => {
  await using workshop = await Workshop.open();
  const env = onHostOfItsOwn(workshop);
  const { owner, name } = await spawnOwned(workshop, env);
  await killOwner(owner);
  expect(await workshop.environments()).toEqual([name]);
  const { exitCode, stdout, stderr } = await workshop.run(["stop"], { env });
  expect([exitCode, stdout], stderr).toEqual([0, `stopped ${name}`]);
  expect(await workshop.environments()).toEqual([]);
});

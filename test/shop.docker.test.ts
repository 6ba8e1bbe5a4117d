/** The suite a reader would copy: over six real services with the flag, without it no service at all. */
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  projectFolder,
  repository,
  runVitest,
  uniqueName,
} from "../packages/vitest/test/consumer.ts";
import {
  findEnvironments,
  listenAsEngine,
  removeEnvironments,
} from "../packages/vitest/test/engine.ts";

const SERVICES = ["auth", "backend", "clickhouse", "frontend", "postgres", "redis"];

let name: string;
beforeEach(() => {
  name = uniqueName();
});
afterEach(() => removeEnvironments(name));

test("with the flag", async () => {
  const { exitCode, stdout, stderr, all } = await runVitest("shop", ["--real-services"], {
    env: { COMPOSE_PROJECT_NAME: name },
  });
  expect(exitCode, all).toBe(0);
  expect(stdout).toMatch(/Test Files +6 passed \(6\)/);
  expect(stdout).toMatch(/Tests +25 passed \(25\)/);

  const ready = [...stderr.matchAll(/^real-services +(\S+) +ready /gm)].map(([, what]) => what);
  const environment = ready.at(-1) ?? "";
  expect(environment).toMatch(new RegExp(`^${name}-[0-9a-f]{6}$`));
  expect(ready.slice(0, -1).sort()).toEqual(SERVICES);
  expect(stderr).toMatch(new RegExp(`^real-services +${environment} +removed `, "m"));
  expect(await findEnvironments(name)).toEqual([]);
});

test("without it", async () => {
  await using engine = await listenAsEngine();
  const { exitCode, stdout, stderr } = await runVitest("shop", [], {
    stock: true,
    env: { DOCKER_HOST: engine.host },
  });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/Test Files +1 passed \(1\)/);
  expect(stdout).toMatch(/Tests +6 passed \(6\)/);
  expect(stderr).toBe("");
  expect(engine.connections()).toBe(0);
});

test("its types know the services", async () => {
  await execa("tsc", ["-p", projectFolder("shop")], { preferLocal: true, cwd: repository });
});

/** The reference stack in its three shapes: which file is taken, what its variables reach, that it starts. */
import { join } from "node:path";
import { EnvironmentManager, type LifecycleEvent } from "@real-services/core";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { repository, uniqueName } from "../packages/vitest/test/consumer.ts";
import { findEnvironments, removeEnvironments } from "../packages/vitest/test/engine.ts";

const FILES = {
  test: "docker-compose.test.yml",
  dev: "docker-compose.yml",
  prod: "docker-compose.prod.yml",
} as const;
const APPS = ["auth", "backend", "frontend"];
const SERVICES = [...APPS, "clickhouse", "postgres", "redis"].sort();
/** Six services, some of them from cold caches, on two cores that others use as well. */
const READY_MS = 110_000;

let name: string;
beforeEach(() => {
  name = uniqueName();
  for (const variable of ["DOCKER_ENV", "DOCKER_TAG", "BUILD_TARGET", "USE_PRODUCTION_IMAGES"]) {
    vi.stubEnv(variable, undefined);
  }
  vi.stubEnv("COMPOSE_PROJECT_NAME", name);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await removeEnvironments(name);
});

test.each(["test", "dev", "prod"] as const)("DOCKER_ENV=%s picks its file", async (shape) => {
  const manager = new EnvironmentManager({ cwd: repository });
  const expected = await manager.resolveStack({ compose: join("compose", FILES[shape]) });
  expect(expected.services.toSorted()).toEqual(SERVICES);
  vi.stubEnv("DOCKER_ENV", shape);
  expect(await manager.resolveStack()).toEqual(expected);
});

test("without DOCKER_ENV it is the one for tests", async () => {
  const manager = new EnvironmentManager({ cwd: repository });
  const { hash } = await manager.resolveStack({ compose: join("compose", FILES.test) });
  expect((await manager.resolveStack()).hash).toBe(hash);
});

interface Model {
  readonly services: Readonly<
    Record<string, { readonly image: string; readonly build?: { readonly target: string } }>
  >;
}

/** Tag and build target of each app. */
async function appsOf(
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<[string | undefined, string | undefined][]> {
  const { stdout } = await execa(
    "docker",
    ["compose", "-f", join(repository, "compose", file), "config", "--format", "json"],
    { env },
  );
  const { services }: Model = JSON.parse(stdout);
  return APPS.map((app) => {
    const { image, build } = services[app] ?? { image: "" };
    expect(image).toContain(`real-services/${app}:`);
    return [image.split(":").at(-1), build?.target];
  });
}

const each = <T>(value: T): T[] => APPS.map(() => value);

describe("DOCKER_TAG and BUILD_TARGET", () => {
  const env = { DOCKER_TAG: "v9", BUILD_TARGET: "production" };

  test("have defaults that fit the file", async () => {
    expect(await appsOf(FILES.test)).toEqual(each(["test", "test"]));
    expect(await appsOf(FILES.dev)).toEqual(each(["dev", "development"]));
    expect(await appsOf(FILES.prod)).toEqual(each(["latest", undefined]));
  });

  test("reach every app's image and build; in production nothing is built", async () => {
    expect(await appsOf(FILES.test, env)).toEqual(each(["v9", "production"]));
    expect(await appsOf(FILES.dev, env)).toEqual(each(["v9", "production"]));
    expect(await appsOf(FILES.prod, env)).toEqual(each(["v9", undefined]));
  });
});

test.each([
  ["USE_PRODUCTION_IMAGES", "1"],
  ["DOCKER_ENV", "prod"],
])("%s=%s: an image that is not there is an error, never a build", async (variable, value) => {
  vi.stubEnv(variable, value);
  const events: LifecycleEvent[] = [];
  const manager = new EnvironmentManager({ cwd: repository });
  manager.subscribe((event) => events.push(event));
  // Nobody serves it: a pull is refused at once, on any machine.
  const env = { AUTH_IMAGE: `127.0.0.1:1/${name}/auth`, DOCKER_TAG: "missing" };
  const acquired = manager.acquireEnvironment({ env, services: ["auth"], build: "always" });
  await expect(acquired).rejects.toMatchObject({
    code: "REAL_SERVICES_IMAGE_UNAVAILABLE",
    received: [`127.0.0.1:1/${name}/auth:missing`],
  });
  expect(events.filter(({ type }) => type === "image:building")).toEqual([]);
  expect(await findEnvironments(name)).toEqual([]);
});

const MANUAL = join(repository, "packages/docker-manual/bin/docker-manual.js");

/** The test file is started by the consumer suite and by the shards. */
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";

test.runIf(IS_SOAK).each(["dev", "prod"] as const)(
  "%s starts, is ready and goes",
  async (shape) => {
    vi.stubEnv("DOCKER_ENV", shape);
    const manager = new EnvironmentManager({ cwd: repository, timeoutMs: READY_MS });
    const environment = await manager.acquireEnvironment();
    try {
      expect(environment.name).toMatch(new RegExp(`^${name}-[0-9a-f]{6}$`));
      expect(environment.kind).toBe(shape === "prod" ? "production" : "dedicated");
      await manager.waitForServices();
      const page = await fetch(`${environment.services["frontend"]?.url}/`);
      expect(await page.text()).toContain("There are no orders yet.");
      const ask = async (...client: string[]) => {
        const { stdout } = await execa(MANUAL, ["connect", "-e", environment.name, ...client]);
        return stdout;
      };
      const user = "select current_user || ' of ' || current_database()";
      expect(await ask("postgres", "--", "-Atc", user)).toBe("app of shop");
      expect(await ask("clickhouse", "--query", "SELECT currentDatabase()")).toBe("shop");
      expect(await ask("redis", "ping")).toBe("PONG");
    } finally {
      await manager.releaseEnvironment(environment.name);
    }
    expect(await findEnvironments(name)).toEqual([]);
  },
);

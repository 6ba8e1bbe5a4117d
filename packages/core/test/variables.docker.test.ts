/** The variables of the original system pick the file, the images and the name; others do not leak in. */
import { execa } from "execa";
import { afterEach, describe, expect, test, vi } from "vitest";
import { EnvironmentManager } from "../src/manager.ts";
import { IMAGE, inspect, refusal, Scenario } from "./scenario.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
const SLEEPER = `image: ${IMAGE}, command: [sleep, "600"]`;
const oneService = (name: string) => `services: { ${name}: { ${SLEEPER} } }`;

test("DOCKER_ENV picks the file", async () => {
  await using scenario = new Scenario({
    "docker-compose.yml": oneService("development"),
    "docker-compose.test.yml": oneService("testing"),
    "docker-compose.prod.yml": oneService("production"),
  });
  const services = async (dockerEnv: string | undefined) => {
    vi.stubEnv("DOCKER_ENV", dockerEnv);
    return (await scenario.manager().resolveStack()).services;
  };
  expect(await services(undefined)).toEqual(["testing"]);
  if (IS_SOAK) {
    expect(await services("test")).toEqual(["testing"]);
    expect(await services("dev")).toEqual(["development"]);
  }
  expect(await services("prod")).toEqual(["production"]);
  const error = await refusal(services("staging"));
  expect(error).toMatchObject({ code: "REAL_SERVICES_INVALID_OPTION", received: "staging" });
});

test("COMPOSE_PROJECT_NAME gives the readable prefix; no other COMPOSE_* leaks in", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { web: { ${SLEEPER}, environment: { A: "\${FROM_FILE}" } }, extra: { ${SLEEPER}, profiles: [extra] } }`,
    "other.yaml": oneService("other"),
    ".env": "FROM_FILE=yes",
    "other.env": "FROM_FILE=no",
  });
  vi.stubEnv("COMPOSE_PROJECT_NAME", `${scenario.name}-Mine`);
  vi.stubEnv("COMPOSE_FILE", "other.yaml");
  vi.stubEnv("COMPOSE_PROFILES", "extra");
  vi.stubEnv("COMPOSE_ENV_FILES", "other.env");
  vi.stubEnv("COMPOSE_DISABLE_ENV_FILE", "1");
  const manager = new EnvironmentManager({ cwd: scenario.folder });
  const environment = await manager.acquireEnvironment();
  expect(environment.name).toMatch(new RegExp(`^${scenario.name}-mine-[0-9a-f]{6}$`));
  expect(Object.keys(environment.services)).toEqual(["web"]);
  const variables = await inspect(environment.services["web"]?.containers[0] ?? "", ".Config.Env");
  expect(variables).toContain("A=yes");
  await manager.releaseEnvironment(environment.name);
  await scenario.expectNothingLeft();
});

test("services by name come with what they depend on, also from behind a profile", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  db: { ${SLEEPER} }
  web: { ${SLEEPER}, depends_on: [db] }
  debug: { ${SLEEPER}, profiles: [debug], depends_on: [web] }
  other: { ${SLEEPER} }`,
  });
  const resolved = async (services: string[], profiles: string[] = []) =>
    (await scenario.manager().resolveStack({ services, profiles })).services.toSorted();
  if (IS_SOAK) {
    expect(await resolved([])).toEqual(["db", "other", "web"]);
    expect(await resolved(["web"])).toEqual(["db", "web"]);
  }
  expect(await resolved([], ["debug"])).toEqual(["db", "debug", "other", "web"]);
  expect(await resolved(["debug"])).toEqual(["db", "debug", "web"]);
});

describe("images", () => {
  const dockerfile = `
FROM ${IMAGE} AS small
ENV STAGE=small
FROM small AS large
ENV STAGE=large
`;
  /** Nobody serves it: a pull is refused at once, on any machine. */
  const image = (scenario: Scenario, tag: string) => `127.0.0.1:1/${scenario.name}:${tag}`;
  const stack = (scenario: Scenario) => `
services:
  app:
    image: ${image(scenario, `\${DOCKER_TAG:-latest}`)}
    build: { context: ., target: "\${BUILD_TARGET:-small}" }
    command: [sleep, "600"]
`;

  test("DOCKER_TAG and BUILD_TARGET reach the build and the image's name; production never builds", async () => {
    await using scenario = new Scenario({ Dockerfile: dockerfile });
    scenario.write("compose.yaml", stack(scenario));
    const manager = scenario.manager();
    const builds = () => scenario.story("image:building").length;
    try {
      vi.stubEnv("DOCKER_ENV", "prod");
      const compose = "compose.yaml";
      const error = await refusal(manager.acquireEnvironment({ compose, build: "always" }));
      expect(error.code).toBe("REAL_SERVICES_IMAGE_UNAVAILABLE");
      expect(error.received).toEqual([image(scenario, "latest")]);
      vi.unstubAllEnvs();
      expect(builds()).toBe(0);

      vi.stubEnv("DOCKER_TAG", "v2");
      vi.stubEnv("BUILD_TARGET", "large");
      const built = await manager.acquireEnvironment();
      expect(builds()).toBe(1);
      expect(built.services["app"]?.image).toBe(image(scenario, "v2"));
      const container = built.services["app"]?.containers[0] ?? "";
      expect(await inspect(container, ".Config.Env")).toContain("STAGE=large");

      // The image is there now: it is neither built again nor pulled, in production least of all.
      vi.stubEnv("USE_PRODUCTION_IMAGES", "1");
      const production = await manager.acquireEnvironment();
      expect(production.kind).toBe("production");
      expect(builds()).toBe(1);
      expect(scenario.story("image:pulling")).toHaveLength(1);

      await manager.releaseEnvironment(built.name);
      await manager.releaseEnvironment(production.name);
      await scenario.expectNothingLeft();
    } finally {
      await execa("docker", ["rmi", "-f", image(scenario, "v2")], { reject: false });
    }
  });

  test("a build that fails says how it ended", async () => {
    await using scenario = new Scenario({
      Dockerfile: `FROM ${IMAGE} AS small\nRUN echo the reason >&2 && exit 3\n`,
    });
    scenario.write("compose.yaml", stack(scenario));
    const error = await refusal(scenario.manager().acquireEnvironment());
    expect(error.code).toBe("REAL_SERVICES_BUILD_FAILED");
    expect(error.received).toEqual(["app"]);
    expect(error.message).toContain("the reason");
    await scenario.expectNothingLeft();
  });
});

/** From acquire to release: what a caller gets, sees and leaves behind. */
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../src/environment.ts";
import type { EnvironmentManager } from "../src/manager.ts";
import { eventually, IMAGE, inspect, PEER_IMAGE, Scenario } from "./scenario.ts";

const REDIS_IMAGE = process.env["REDIS_IMAGE"] ?? "real-services/redis:7";

/** One service of each sort: checked, one-shot, serving, silent; and each sort of volume. */
const STACK = `
services:
  db:
    image: ${IMAGE}
    command: [sleep, "600"]
    healthcheck: { test: [CMD, test, -e, /tmp/ready], interval: 1s }
    volumes: ["data:/data", "/anonymous"]
  migrate:
    image: ${IMAGE}
    command: [sh, -c, "sleep 0.2; echo done"]
    depends_on: { db: { condition: service_healthy } }
  web:
    image: ${PEER_IMAGE}
    ports: ["8000:8000", "9000"]
    command: [peer, "8000", "9000"]
    depends_on: { migrate: { condition: service_completed_successfully } }
  worker: { image: ${REDIS_IMAGE} }
volumes: { data: {} }
`;

// One environment for all of them, from the first of the tests to the last.
describe("an environment", () => {
  let scenario: Scenario;
  let manager: EnvironmentManager;
  let environment: Environment;
  beforeAll(() => {
    scenario = new Scenario({ "compose.yaml": STACK });
    manager = scenario.manager({ endpoints: { web: "/id" }, memory: { db: "48m" } });
  });
  afterAll(() => scenario[Symbol.asyncDispose]());

  const idOf = (service: string) => environment.services[service]?.containers[0] ?? "";
  const system = async () => (await manager.getHealthReport()).system;

  test("is created, ready, and served", async () => {
    expect(await system()).toBe("STOPPED");
    environment = await manager.acquireEnvironment();
    expect(environment.state).toBe("starting");
    await eventually(
      () => scenario.story("service:started"),
      ({ length }) => length === 2,
    );
    expect(await system()).toBe("STARTING");
    await execa("docker", ["exec", idOf("db"), "touch", "/tmp/ready"]);
    await manager.waitForServices();
    expect(environment.state).toBe("running");

    const { web, db } = environment.services;
    expect(environment.name).toMatch(new RegExp(`^${scenario.name}-[0-9a-f]{6}$`));
    expect(Object.keys(environment.services)).toEqual(["db", "migrate", "web", "worker"]);
    expect(environment.ports).toEqual({ web: web?.port });
    expect(web?.ports.map(({ containerPort }) => containerPort)).toEqual([8_000, 9_000]);
    for (const { host, port } of web?.ports ?? []) {
      expect(host).toBe("127.0.0.1");
      expect(port).toBeGreaterThanOrEqual(30_000);
      expect(port).toBeLessThanOrEqual(40_000);
    }
    expect(await (await fetch(web?.url ?? "")).text()).toBe("peer\n");
    expect(db).toMatchObject({ url: undefined, port: undefined, image: IMAGE });
    // The engine's own pools hold thirty networks.
    const { stdout: subnet } = await execa("docker", [
      ...["network", "inspect", `${environment.name}_default`],
      ...["--format", "{{range .IPAM.Config}}{{.Subnet}}{{end}}"],
    ]);
    expect(subnet).toMatch(/^(198\.1[89]|10)\./);
  });

  test("tells its steps, and where the time of its start went", async () => {
    const steps = scenario.story(
      "engine:found",
      "services:planned",
      "service:started",
      "service:ready",
      "environment:ready",
    );
    // The worker depends on nothing, so it comes when it comes.
    expect(steps.filter((step) => !step.endsWith("worker"))).toEqual([
      "engine:found",
      "services:planned",
      "service:started db",
      "service:ready db",
      "service:started migrate",
      "service:ready migrate",
      "service:started web",
      "service:ready web",
      "environment:ready",
    ]);
    expect(steps).toContain("service:ready worker");
    const done = scenario.events.filter(
      (event) => event.type === "service:ready" && event.completed,
    );
    expect(done).toMatchObject([{ service: "migrate" }]);

    const [{ startup } = {}] = (await manager.getHealthReport()).environments;
    expect(startup?.criticalPath).toEqual(["db", "migrate", "web"]);
    const profileOf = (service: string) => startup?.services.find(({ name }) => name === service);
    const [db, migrate, web] = ["db", "migrate", "web"].map(profileOf);
    expect(migrate?.waitedFor).toBe("db");
    expect(web?.waitedFor).toBe("migrate");
    const times = [
      db?.createdMs,
      ...[db, migrate, web].flatMap((one) => [one?.requestedMs, one?.startedMs, one?.readyMs]),
    ];
    expect(times).not.toContain(undefined);
    expect(times).toEqual(times.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
  });

  test("has the memory limits that were given, or that its kinds have", async () => {
    expect(await inspect(idOf("db"), ".HostConfig.Memory")).toBe(String(48 * 1024 ** 2));
    expect(await inspect(idOf("worker"), ".HostConfig.Memory")).toBe(String(256 * 1024 ** 2));
  });

  test("is listed by another manager with its owner, its services and their ports", async () => {
    const found = (await scenario.manager().listEnvironments()).filter(
      ({ name }) => name === environment.name,
    );
    expect(found).toMatchObject([
      {
        id: environment.id,
        kind: "dedicated",
        orphan: false,
        owner: { kind: "process", liveness: "alive" },
        services: [{ name: "db" }, { name: "migrate" }, { name: "web" }, { name: "worker" }],
      },
    ]);
    expect(found[0]?.services[2]?.ports.map(({ port }) => port).toSorted()).toEqual(
      environment.services["web"]?.ports.map(({ port }) => port).toSorted(),
    );
  });

  test("has a health of three levels, the worst of each deciding the next", async () => {
    // The endpoint decides for the service: it runs, but it has no id yet.
    const before = await manager.getHealthReport();
    expect(before).toMatchObject({
      system: "UNHEALTHY",
      environments: [
        {
          name: environment.name,
          health: "UNHEALTHY",
          services: [
            { name: "db", health: "HEALTHY", status: "running" },
            { name: "migrate", health: "STOPPED", status: "stopped", detail: "exited (0)" },
            { name: "web", health: "UNHEALTHY", detail: "/id: 404" },
            { name: "worker", health: "HEALTHY", detail: "running" },
          ],
        },
      ],
    });
    expect(before.environments[0]?.services[2]?.containers).toMatchObject([
      { id: idOf("web"), state: "running", health: "HEALTHY" },
    ]);
    await fetch(new URL("/id", environment.services["web"]?.url), { method: "PUT", body: "it" });
    // What has done its work is no fault of the system.
    expect(await system()).toBe("HEALTHY");

    await execa("docker", ["kill", idOf("worker")]);
    const after = await eventually(
      () => manager.getHealthReport({ environment: environment.name }),
      (report) => report.system !== "HEALTHY",
    );
    expect(after.system).toBe("UNHEALTHY");
    expect(after.environments[0]?.services[3]).toMatchObject({
      name: "worker",
      status: "error",
      health: "UNHEALTHY",
      detail: "exited (137, SIGKILL)",
    });
  });

  test("is released, and leaves nothing", async () => {
    const volumes = (await inspect(idOf("db"), "range .Mounts}}{{.Name}} {{end")).trim().split(" ");
    expect(volumes).toHaveLength(2);
    await manager.releaseEnvironment(environment.name);
    expect(environment.state).toBe("stopped");
    expect(await system()).toBe("STOPPED");
    await scenario.expectNothingLeft();
    const { exitCode, stdout } = await execa("docker", ["volume", "inspect", ...volumes], {
      reject: false,
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "[]" });
    expect(scenario.story("environment:state")).toEqual([
      "initialized → starting",
      "starting → running",
      "running → stopping",
      "stopping → stopped",
    ]);
    expect(scenario.story("environment:ready", "environment:released")).toEqual([
      "environment:ready",
      "environment:released",
    ]);
  });
});

test("two copies at once, beside the user's own, with the same names and ports in the file", async () => {
  // Fixed for all copies of this file; another run of this test has others.
  const fixed = 20_000 + Math.floor(Math.random() * 9_000);
  await using scenario = new Scenario({
    "compose.yaml": `services: { web: { image: ${PEER_IMAGE}, container_name: rs-web-${fixed}, ports: ["${fixed}:8000"] } }`,
  });
  const compose = (...args: string[]) =>
    execa("docker", ["compose", "-p", `plain-${scenario.name}`, ...args], { cwd: scenario.folder });
  try {
    await compose("up", "-d");
    const manager = scenario.manager();
    const copies = await Promise.all([
      manager.acquireEnvironment(),
      scenario.manager().acquireEnvironment(),
    ]);
    const urls = copies.map(({ services }) => services["web"]?.url ?? "");
    const all = [...urls, `http://127.0.0.1:${fixed}`];
    expect(new Set(all).size).toBe(3);
    for (const [index, url] of all.entries()) {
      const put = () =>
        fetch(`${url}/id`, { method: "PUT", body: String(index) }).catch(() => null);
      await eventually(put, (response) => response?.ok === true);
    }
    for (const [index, url] of all.entries()) {
      expect(await (await fetch(`${url}/id`)).text()).toBe(String(index));
    }
    await Promise.all(copies.map(({ name }) => manager.releaseEnvironment(name, { force: true })));
    await scenario.expectNothingLeft();
    expect((await fetch(`http://127.0.0.1:${fixed}/id`)).ok).toBe(true);
  } finally {
    await compose("down", "-v", "-t", "0");
  }
});

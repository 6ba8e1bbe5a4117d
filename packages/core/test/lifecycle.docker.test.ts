/** From acquire to release: what a caller gets, sees and leaves behind; side by side, as shards are. */
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { eventually, IMAGE, inspect, PEER_IMAGE, Scenario } from "./scenario.ts";

/** One service of each sort: checked, one-shot, serving, silent; and each sort of volume. */
const STACK = `
services:
  db:
    image: ${IMAGE}
    command: [sh, -c, "sleep 0.2; touch /tmp/ready; exec sleep 600"]
    healthcheck: { test: [CMD, test, -e, /tmp/ready], interval: 1s }
    volumes: ["data:/data", "/anonymous"]
  migrate:
    image: ${IMAGE}
    command: [sh, -c, "sleep 0.7; echo done"]
    depends_on: { db: { condition: service_healthy } }
  web:
    image: ${PEER_IMAGE}
    ports: ["8000:8000", "9000"]
    command: [peer, "8000", "9000"]
    depends_on: { migrate: { condition: service_completed_successfully } }
  worker: { image: ${IMAGE}, command: [sleep, "600"] }
volumes: { data: {} }
`;

test.concurrent("an environment is created, ready, served, released, and leaves nothing", async () => {
  await using scenario = new Scenario({ "compose.yaml": STACK });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  expect(environment.state).toBe("starting");
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

  const mounts = await inspect(db?.containers[0] ?? "", "range .Mounts}}{{.Name}} {{end");
  const volumes = mounts.trim().split(" ");
  expect(volumes).toHaveLength(2);

  await manager.releaseEnvironment(environment.name);
  expect(environment.state).toBe("stopped");
  await scenario.expectNothingLeft();
  for (const volume of volumes) {
    const { exitCode } = await execa("docker", ["volume", "inspect", volume], { reject: false });
    expect(exitCode).toBe(1);
  }

  expect(scenario.story("environment:state")).toEqual([
    "initialized → starting",
    "starting → running",
    "running → stopping",
    "stopping → stopped",
  ]);
  const steps = scenario.story(
    "engine:found",
    "services:planned",
    "service:started",
    "service:ready",
    "environment:ready",
    "environment:released",
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
    "environment:released",
  ]);
  expect(steps).toContain("service:ready worker");
  const done = scenario.events.filter((event) => event.type === "service:ready" && event.completed);
  expect(done).toMatchObject([{ service: "migrate" }]);
});

describe("the health report", () => {
  test.concurrent("has three levels, the worst of each deciding the next", async () => {
    await using scenario = new Scenario({ "compose.yaml": STACK });
    const manager = scenario.manager({ endpoints: { web: "/id" } });
    const system = async () => (await manager.getHealthReport()).system;
    expect(await system()).toBe("STOPPED");
    const { name, services } = await manager.acquireEnvironment();
    expect(await system()).toBe("STARTING");
    await manager.waitForServices();

    // The endpoint decides for the service: it runs, but it has no id yet.
    const before = await manager.getHealthReport();
    expect(before).toMatchObject({
      system: "UNHEALTHY",
      environments: [
        {
          name,
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
      { id: services["web"]?.containers[0], state: "running", health: "HEALTHY" },
    ]);
    await fetch(new URL("/id", services["web"]?.url), { method: "PUT", body: "it" });
    // What has done its work is no fault of the system.
    expect(await system()).toBe("HEALTHY");

    await execa("docker", ["kill", services["worker"]?.containers[0] ?? ""]);
    const after = await eventually(
      () => manager.getHealthReport({ environment: name }),
      (report) => report.system !== "HEALTHY",
    );
    expect(after.system).toBe("UNHEALTHY");
    expect(after.environments[0]?.services[3]).toMatchObject({
      name: "worker",
      status: "error",
      health: "UNHEALTHY",
      detail: "exited (137, SIGKILL)",
    });
    await manager.releaseEnvironment(name);
    expect(await system()).toBe("STOPPED");
    await scenario.expectNothingLeft();
  });
});

test.concurrent("what another manager began is listed with its owner, its services and their ports", async () => {
  await using scenario = new Scenario({ "compose.yaml": STACK });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
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
  await manager.releaseEnvironment(environment.name);
});

test.concurrent("two copies at once, beside the user's own, with the same names and ports in the file", async () => {
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
      manager.acquireEnvironment(),
    ]);
    const urls = copies.map(({ services }) => services["web"]?.url ?? "");
    const all = [...urls, `http://127.0.0.1:${fixed}`];
    expect(new Set(all).size).toBe(4);
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

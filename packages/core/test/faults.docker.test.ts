/** What happens to an environment behind its owner's back: told by its true cause, and nothing is left. */
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, expect, test, vi } from "vitest";
import { eventually, IMAGE, Scenario } from "./scenario.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const engineSocket = (process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock").replace(
  /^unix:\/\//,
  "",
);

/** Passes on what is said between client and engine, and can hang up on whoever listens to events. */
async function engineProxy(path: string) {
  const listeners = new Set<Socket>();
  let heard = 0;
  let isDeaf = false;
  const server = createServer((client) => {
    const upstream = connect(engineSocket);
    client.on("data", (chunk) => {
      if (!chunk.includes("GET /events") && !/GET \/v[\d.]+\/events/.test(String(chunk))) return;
      heard += 1;
      if (isDeaf) client.destroy();
      else listeners.add(client);
    });
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    heard: () => heard,
    /** From now on nobody hears of events. */
    hangUp: () => {
      isDeaf = true;
      for (const socket of listeners) socket.destroy();
      listeners.clear();
    },
    listenAgain: () => {
      isDeaf = false;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

test("the stream of events breaks while services start: what was missed is looked up, and told later", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  first: { image: ${IMAGE}, command: [sh, -c, "while [ ! -e /go ]; do sleep 0.05; done; exit 0"] }
  second: { image: ${IMAGE}, command: [sleep, "600"], depends_on: { first: { condition: service_completed_successfully } } }`,
  });
  const proxy = await engineProxy(`${scenario.folder}/engine.sock`);
  vi.stubEnv("DOCKER_HOST", `unix://${scenario.folder}/engine.sock`);
  const manager = scenario.manager();
  try {
    const { name, services, logFolder = "" } = await manager.acquireEnvironment();
    await eventually(
      () => scenario.story("service:started"),
      (story) => story.length === 1,
    );
    proxy.hangUp();
    // Its end is an event that nobody hears.
    await execa("docker", ["exec", services["first"]?.containers[0] ?? "", "touch", "/go"]);
    await manager.waitForServices();
    const timeline = () => readFileSync(join(logFolder, "timeline.jsonl"), "utf8");
    expect(timeline()).not.toContain("exited with code 0");
    proxy.listenAgain();
    await eventually(timeline, (text) => text.includes("exited with code 0"));
    expect(proxy.heard()).toBeGreaterThan(1);
    expect(scenario.story("service:started")).toEqual([
      "service:started first",
      "service:started second",
    ]);
    await manager.releaseEnvironment(name);
    await scenario.expectNothingLeft();
  } finally {
    vi.unstubAllEnvs();
    await proxy.close();
  }
});

test("a service that uses up its memory after it was ready", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  hog:
    image: ${IMAGE}
    command: [sh, -c, "while [ ! -e /go ]; do sleep 0.05; done; exec perl -e 'my @all; push @all, q(x) x 1e6 for 1..1000'"]
    mem_limit: 32m
    restart: "no"`,
  });
  const manager = scenario.manager();
  const { name, services } = await manager.acquireEnvironment();
  await manager.waitForServices();
  await execa("docker", ["exec", services["hog"]?.containers[0] ?? "", "touch", "/go"]);
  const report = await eventually(
    () => manager.getHealthReport({ environment: name }),
    ({ system }) => system === "UNHEALTHY",
  );
  expect(report.environments[0]?.services).toMatchObject([
    { name: "hog", status: "error", health: "UNHEALTHY", detail: "exited (137), out of memory" },
  ]);
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

test("somebody removes a container, the network and a volume by hand", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  one: { image: ${IMAGE}, command: [sleep, "600"], volumes: ["data:/data"] }
  two: { image: ${IMAGE}, command: [sleep, "600"], network_mode: none }
volumes: { data: {} }`,
  });
  const manager = scenario.manager();
  const { name, services } = await manager.acquireEnvironment();
  await manager.waitForServices();
  await execa("docker", ["rm", "-f", services["one"]?.containers[0] ?? ""]);
  const { networks, volumes } = await scenario.remains();
  await execa("docker", ["network", "rm", ...networks]);
  await execa("docker", ["volume", "rm", ...volumes]);
  const report = await manager.getHealthReport({ environment: name });
  expect(report.system).toBe("UNHEALTHY");
  expect(report.environments[0]?.services).toMatchObject([
    { name: "one", status: "error", health: "UNHEALTHY", detail: "a container was removed" },
    { name: "two", status: "running", health: "HEALTHY" },
  ]);
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

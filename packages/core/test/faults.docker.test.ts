/** What happens to an environment behind its owner's back: told by its true cause, and nothing is left. */
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, expect, test, vi } from "vitest";
import { readSlice } from "../src/logs/read-slice.ts";
import { eventually, IMAGE, refusal, Scenario } from "./scenario.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const engineSocket = (process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock").replace(
  /^unix:\/\//,
  "",
);

/** Passes on what is said between client and engine, can hang up on whoever listens to events, and be gone. */
async function engineProxy(path: string) {
  const all = new Set<Socket>();
  const listeners = new Set<Socket>();
  let heard = 0;
  let isDeaf = false;
  const server = createServer((client) => {
    const upstream = connect(engineSocket);
    all.add(client);
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
        all.delete(client);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  const listen = () => new Promise<void>((resolve) => server.listen(path, resolve));
  await listen();
  return {
    listen,
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
    close: () => {
      for (const socket of all) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

test("the engine goes away while a service is waited for: the wait ends with that, not with the service", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { web: { image: ${IMAGE}, command: [sleep, "600"], healthcheck: { test: [CMD, "false"], retries: 1000 } } }`,
  });
  const proxy = await engineProxy(`${scenario.folder}/engine.sock`);
  vi.stubEnv("DOCKER_HOST", `unix://${scenario.folder}/engine.sock`);
  const manager = scenario.manager();
  try {
    const { name } = await manager.acquireEnvironment();
    await eventually(
      () => scenario.story("service:started"),
      (story) => story.length === 1,
    );
    await proxy.close();
    const error = await refusal(manager.waitForServices({ timeoutMs: 500 }), 30_000);
    const said = "the engine stopped answering: connect ENOENT";
    expect(error.code).toBe("REAL_SERVICES_ENGINE_FAILED");
    expect(error.message).toContain(`Not ready after 0.5 s: “web”; ${said}`);
    expect(error.postMortems).toMatchObject([
      { service: "web", image: IMAGE, engineError: expect.stringContaining(said) },
    ]);
    await proxy.listen();
    await manager.releaseEnvironment(name);
    await scenario.expectNothingLeft();
  } finally {
    vi.unstubAllEnvs();
    await proxy.close();
  }
});

test("the stream of events breaks while services start: what was missed is looked up, and told later; somebody removes a container, the network and a volume by hand", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  first: { image: ${IMAGE}, command: [sh, -c, "while [ ! -e /go ]; do sleep 0.05; done; exit 0"] }
  second: { image: ${IMAGE}, command: [sleep, "600"], volumes: ["data:/data"], depends_on: { first: { condition: service_completed_successfully } } }
  third: { image: ${IMAGE}, command: [sleep, "600"], network_mode: none }
volumes: { data: {} }`,
  });
  const proxy = await engineProxy(`${scenario.folder}/engine.sock`);
  vi.stubEnv("DOCKER_HOST", `unix://${scenario.folder}/engine.sock`);
  const manager = scenario.manager();
  try {
    const { name, services, logFolder = "" } = await manager.acquireEnvironment();
    await eventually(
      () => scenario.story("service:started"),
      (story) => story.length === 2,
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
    expect(scenario.story("service:started").slice(2)).toEqual(["service:started second"]);
    expect((await manager.getHealthReport({ environment: name })).system).toBe("HEALTHY");

    await execa("docker", ["rm", "-f", services["second"]?.containers[0] ?? ""]);
    const { networks, volumes } = await scenario.remains();
    await execa("docker", ["network", "rm", ...networks]);
    await execa("docker", ["volume", "rm", ...volumes]);
    const report = await manager.getHealthReport({ environment: name });
    expect(report.system).toBe("UNHEALTHY");
    expect(report.environments[0]?.services).toMatchObject([
      { name: "first", health: "STOPPED" },
      { name: "second", status: "error", health: "UNHEALTHY", detail: "a container was removed" },
      { name: "third", status: "running", health: "HEALTHY" },
    ]);
    await manager.releaseEnvironment(name);
    await scenario.expectNothingLeft();
  } finally {
    vi.unstubAllEnvs();
    await proxy.close();
  }
});

test("services that use up their memory after they were ready: one ends of it, in another it is not the main process", async () => {
  const untilGo = "while [ ! -e /go ]; do sleep 0.05; done";
  const hog = "perl -e 'my @all; push @all, q(x) x 1e6 for 1..1000'";
  await using scenario = new Scenario({
    "compose.yaml": `
x-small: &small { image: ${IMAGE}, mem_limit: 32m, memswap_limit: 32m, restart: "no" }
services:
  hog: { <<: *small, command: [sh, -c, "${untilGo}; exec ${hog}"] }
  parent: { <<: *small, command: [sh, -c, "${untilGo}; ${hog}; while [ -e /go ]; do sleep 0.05; done; exit 3"] }`,
  });
  const manager = scenario.manager();
  const { name, services, logFolder = "" } = await manager.acquireEnvironment();
  await manager.waitForServices();
  const began = Date.now();
  const within = (service: string, ...command: string[]) =>
    execa("docker", ["exec", services[service]?.containers[0] ?? "", ...command]);
  const become = (...expected: object[]) =>
    eventually(
      async () => (await manager.getHealthReport({ environment: name })).environments[0]?.services,
      (seen) => expect.arrayContaining(expected).asymmetricMatch(seen),
    );
  const ended = { status: "error", health: "UNHEALTHY" };
  const inside = "a process ran out of memory";
  await Promise.all([within("hog", "touch", "/go"), within("parent", "touch", "/go")]);
  await become(
    expect.objectContaining({
      name: "hog",
      ...ended,
      detail: "exited (137, SIGKILL), out of memory",
    }),
    expect.objectContaining({ name: "parent", health: "HEALTHY", detail: `running, ${inside}` }),
  );
  const slice = await readSlice(logFolder, { fromMs: began, toMs: Date.now() });
  const parent = slice.services.find(({ service }) => service === "parent");
  expect(parent?.events.map(({ type, text }) => [type, text])).toEqual([
    ["oom", "was OOM-killed here, limit 32 MiB"],
  ]);

  await within("parent", "rm", "/go");
  await become(
    expect.objectContaining({ name: "parent", ...ended, detail: `exited (3), ${inside}` }),
  );
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

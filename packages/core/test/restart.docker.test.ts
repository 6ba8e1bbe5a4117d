/** A service is restarted with its own grace, keeps its ports, and is ready again when it returns. */
import { once } from "node:events";
import { createServer } from "node:net";
import { execa } from "execa";
import { expect, test } from "vitest";
import { readSlice } from "../src/logs/read-slice.ts";
import { eventually, IMAGE, inspect, PEER_IMAGE, refusal, Scenario } from "./scenario.ts";

test.concurrent("a service that heeds SIGTERM, one that does not, and one that does not come back", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  graceful: { image: ${PEER_IMAGE}, ports: ["8000"], stop_grace_period: 1m }
  stubborn:
    image: ${IMAGE}
    stop_grace_period: 1s
    command: [sh, -c, "rm -f /tmp/ready; trap '' TERM; sleep 0.5; touch /tmp/ready; while :; do sleep 1; done"]
    healthcheck: { test: [CMD, test, -e, /tmp/ready], interval: 1s }
    depends_on: { graceful: { condition: service_started } }
  once:
    image: ${IMAGE}
    command: [sh, -c, "test -e /tmp/been && echo not twice >&2 && exit 7; touch /tmp/been; exec sleep 600"]
    stop_grace_period: 0s
`,
  });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  const before = structuredClone({ ...environment.services });
  const idOf = (service: string) => environment.services[service]?.containers[0] ?? "";
  /** Restarts a service; how it ended and started again, as the engine told. */
  const restart = async (service: string) => {
    await manager.restartService(service);
    const span = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    const timeline = async () => {
      const { services } = await readSlice(environment.logFolder ?? "", span);
      const events = services.find((one) => one.service === service)?.events ?? [];
      return events.filter(({ type }) => ["killed", "exited", "started"].includes(type)).slice(1);
    };
    return eventually(timeline, (events) => events.at(-1)?.type === "started");
  };

  await fetch(new URL("/id", before["graceful"]?.url), { method: "PUT", body: "still here" });
  expect((await restart("graceful")).map(({ text }) => text)).toEqual([
    ...["was sent SIGTERM", "exited with code 0", "was started again (1)"],
  ]);
  const again = await fetch(new URL("/id", environment.services["graceful"]?.url));
  expect(await again.text()).toBe("still here");

  const stubborn = await restart("stubborn");
  expect(stubborn.map(({ text }) => text)).toEqual([
    ...["was sent SIGTERM", "was sent SIGKILL", "was killed by SIGKILL (137)"],
    "was started again (1)",
  ]);
  const [term, kill] = stubborn.map(({ timeMs }) => timeMs);
  const graceMs = (kill ?? 0) - (term ?? 0);
  // Its own grace, not the engine's ten seconds.
  expect(graceMs).toBeGreaterThan(900);
  expect(graceMs).toBeLessThan(9_000);
  await execa("docker", ["exec", idOf("stubborn"), "test", "-e", "/tmp/ready"]);

  expect({ ...environment.services }).toEqual(before);
  expect(environment.state).toBe("running");
  const unknown = await refusal(manager.restartService("gracefull"));
  expect(unknown).toMatchObject({ code: "REAL_SERVICES_UNKNOWN_SERVICE", received: "gracefull" });
  expect(unknown.hint).toContain("“graceful”");

  const error = await refusal(manager.restartService("once"));
  expect(error.code).toBe("REAL_SERVICES_SERVICE_EXITED");
  expect(error.postMortems).toMatchObject([{ exitCode: 7, logLines: ["not twice"] }]);
  await manager.releaseEnvironment(environment.name);
  await scenario.expectNothingLeft();
});

test.concurrent("who depends on it with restart: true is restarted after it, as far as that reaches", async () => {
  const sleeper = `image: ${IMAGE}, command: [sleep, "600"], stop_grace_period: 0s`;
  await using scenario = new Scenario({
    "compose.yaml": `services: {
      db: { ${sleeper}, healthcheck: { test: [CMD, "true"], interval: 1s } },
      api: { ${sleeper}, depends_on: { db: { condition: service_healthy, restart: true } } },
      web: { ${sleeper}, depends_on: { api: { condition: service_started, restart: true } } },
      joined: { ${sleeper}, network_mode: "service:db" },
      other: { ${sleeper}, depends_on: { db: { condition: service_healthy } } } }`,
  });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  const all = async () => {
    const own = ["ps", "-aq", "--no-trunc", "--filter", `name=^${environment.name}-`];
    const { stdout: ids } = await execa("docker", own);
    const format = "{{.Name}} {{.Id}} {{.State.StartedAt}}";
    const { stdout } = await execa("docker", ["inspect", "-f", format, ...ids.split("\n")]);
    const lines = stdout.split("\n").map((line) => line.split(" "));
    const look = (service: string) => {
      const [, id = "", startedAt = ""] =
        lines.find(([name]) => name === `/${environment.name}-${service}-1`) ?? [];
      return { id, startedAt: Date.parse(startedAt) };
    };
    return {
      ...{ db: look("db"), api: look("api"), web: look("web") },
      ...{ joined: look("joined"), other: look("other") },
    };
  };
  const expectOrder = async (before: Awaited<ReturnType<typeof all>>) => {
    const now = await all();
    expect(now.other).toEqual(before.other);
    for (const [first, then] of [
      ["db", "api"],
      ["api", "web"],
      ["db", "joined"],
    ] as const) {
      expect(now[first].startedAt).toBeGreaterThan(before[then].startedAt);
      expect(now[then].startedAt).toBeGreaterThan(now[first].startedAt);
    }
    return now;
  };

  const first = await all();
  await manager.restartService("db");
  const second = await expectOrder(first);
  expect(scenario.story("service:follows").toSorted()).toEqual([
    "service:follows api",
    "service:follows joined",
    "service:follows web",
  ]);

  // By hand, from what the labels tell; what has joined a container that is gone joins the new one.
  const found = await manager.findEnvironment(environment.name);
  const recreated = await found.recreate(["db"]);
  expect(recreated.toSorted()).toEqual(["api", "db", "joined", "web"]);
  const third = await expectOrder(second);
  expect(third.db.id).not.toBe(second.db.id);
  expect(third.api.id).toBe(second.api.id);
  expect(await inspect(third.joined.id, ".HostConfig.NetworkMode")).toBe(
    `container:${third.db.id}`,
  );
  await manager.releaseEnvironment(environment.name);
  await scenario.expectNothingLeft();
});

test.concurrent("a service whose port somebody took meanwhile says who has it", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { web: { image: ${PEER_IMAGE}, ports: ["8000"], stop_grace_period: 0s } }`,
  });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  const { containers, port } = environment.services["web"] ?? {};
  const [container = ""] = containers ?? [];
  const found = await manager.findEnvironment(environment.name);
  const code = "REAL_SERVICES_CONFLICT";
  const wordsOf = (holder: string) =>
    `Service “web” could not be started: its port ${port} is held by ${holder}.`;

  await execa("docker", ["stop", "-t", "0", container]);
  const squatter = createServer().listen(port, "127.0.0.1");
  await once(squatter, "listening");
  const message = wordsOf(`process ${process.pid} (node)`);
  const restarted = await refusal(manager.restartService("web"));
  expect(restarted).toMatchObject({ code, message, received: port });
  expect(await refusal(found.restart(["web"]))).toMatchObject({ code, message });
  const recovered = await refusal(found.recover("web"));
  expect(recovered).toMatchObject({ code, message: `Nothing helped “web”. ${message}` });
  // It was not recreated in vain.
  await execa("docker", ["inspect", container]);
  squatter.close();
  await once(squatter, "close");

  const name = `${scenario.name}-squatter`;
  const publish = ["--name", name, "-p", `127.0.0.1:${port}:8000`];
  await execa("docker", ["run", "-d", "--rm", ...publish, PEER_IMAGE]);
  try {
    const again = await refusal(manager.restartService("web"));
    const held = wordsOf(`container ${name}`);
    expect(again).toMatchObject({ code, message: held, received: port });
    expect((await refusal(found.recover("web"))).message).toBe(`Nothing helped “web”. ${held}`);
    await execa("docker", ["inspect", container]);
  } finally {
    await execa("docker", ["rm", "-f", name]);
  }
  await found.restart(["web"]);
  await manager.releaseEnvironment(environment.name);
  await scenario.expectNothingLeft();
});

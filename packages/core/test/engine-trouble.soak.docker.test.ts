/** The engine is slow, silent or cut off in the middle: each ends right, in bounded time. */
import { createServer, connect as dial, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import type { EnvironmentOptions } from "../src/options.ts";
import { eventually, IMAGE, PEER_IMAGE, refusal, Scenario } from "./scenario.ts";

/** Between us and the engine, on a socket of its own. */
class EngineProxy implements AsyncDisposable {
  readonly #scenario: Scenario;
  readonly #open = new Set<Socket>();
  readonly #server;
  /** Milliseconds that each of our requests waits. */
  delayMs = 0;
  /** Takes everything, answers nothing. */
  isWedged = false;
  /** A request that is never answered. */
  swallows: RegExp | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      const engine = dial({ path: "/var/run/docker.sock", allowHalfOpen: true });
      for (const socket of [client, engine]) {
        this.#open.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          this.#open.delete(socket);
          client.destroy();
          engine.destroy();
        });
      }
      client.on("data", (chunk) => {
        if (this.isWedged || this.swallows?.test(String(chunk))) return;
        setTimeout(() => engine.write(chunk), this.delayMs);
      });
      client.on("end", () => setTimeout(() => engine.end(), this.delayMs));
      engine.on("data", (chunk) => client.write(chunk));
      engine.on("end", () => client.end());
    });
  }

  get url(): string {
    return `unix://${this.#scenario.folder}/engine.sock`;
  }

  async listen(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(`${this.#scenario.folder}/engine.sock`, resolve);
    await promise;
  }

  /** Ends every connection that is open now: the event stream among them. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }
}

describe("an engine in trouble", () => {
  async function through(
    services: string,
    use: (
      proxy: EngineProxy,
      scenario: Scenario,
      manager: ReturnType<Scenario["manager"]>,
    ) => Promise<void>,
    options: EnvironmentOptions = {},
  ): Promise<void> {
    await using scenario = new Scenario({ "compose.yaml": `services: {${services}}` });
    await using proxy = new EngineProxy(scenario);
    await proxy.listen();
    const before = process.env["DOCKER_HOST"];
    process.env["DOCKER_HOST"] = proxy.url;
    try {
      await use(proxy, scenario, scenario.manager({ bindAddress: "127.0.0.1", ...options }));
    } finally {
      if (before === undefined) delete process.env["DOCKER_HOST"];
      else process.env["DOCKER_HOST"] = before;
    }
    await scenario.expectNothingLeft();
  }

  test("an event stream that is cut goes on where it ended", async () => {
    await through(
      `db: { image: ${IMAGE}, command: [sleep, "600"], healthcheck: { test: [CMD-SHELL, "test -e /tmp/go"], interval: 1s, retries: 60 } },
       api: { image: ${IMAGE}, command: [sleep, "600"], depends_on: { db: { condition: service_healthy } } }`,
      async (proxy, scenario, manager) => {
        const { name, services } = await manager.acquireEnvironment();
        await eventually(
          () => scenario.story("service:started"),
          ({ length }) => length === 1,
        );
        proxy.cut();
        await execa("docker", ["exec", services["db"]?.containers[0] ?? "", "touch", "/tmp/go"], {
          env: { DOCKER_HOST: "unix:///var/run/docker.sock" },
        });
        await manager.waitForServices();
        await manager.releaseEnvironment(name);
      },
    );
  });

  test("one that answers slowly costs time, nothing else", async () => {
    await through(
      `db: { image: ${IMAGE}, command: [sleep, "600"], healthcheck: { test: [CMD-SHELL, "test -d /etc"] } },
       api: { image: ${PEER_IMAGE}, ports: ["8000"], depends_on: { db: { condition: service_healthy } } }`,
      async (proxy, scenario, manager) => {
        proxy.delayMs = 300;
        const { name } = await manager.acquireEnvironment();
        await manager.waitForServices();
        await manager.releaseEnvironment(name);
        expect(scenario.story("conflict", "service:failed")).toEqual([]);
      },
    );
  });

  test("one that is silent for longer than all turns of a check together has not said “unhealthy”", async () => {
    const turnsMs = 3 * 2_000;
    await through(
      `db: { image: ${IMAGE}, command: [sleep, "600"], healthcheck: { test: [CMD-SHELL, "test -e /tmp/go"], interval: 1s, timeout: 1s, retries: 3 } }`,
      async (proxy, scenario, manager) => {
        const { name, services } = await manager.acquireEnvironment();
        const ready = manager.waitForServices();
        await eventually(
          () => scenario.story("service:started"),
          ({ length }) => length === 1,
        );
        proxy.isWedged = true;
        await delay(2 * turnsMs);
        await execa("docker", ["exec", services["db"]?.containers[0] ?? "", "touch", "/tmp/go"], {
          env: { DOCKER_HOST: "unix:///var/run/docker.sock" },
        });
        proxy.isWedged = false;
        proxy.cut();
        await ready;
        await manager.releaseEnvironment(name);
      },
    );
  });

  test("one that says nothing of a single container has not stopped answering", async () => {
    await through(
      `db: { image: ${IMAGE}, command: [sleep, "600"], healthcheck: { test: [CMD, "false"], interval: 60s } }`,
      async (proxy, _scenario, manager) => {
        const { name } = await manager.acquireEnvironment();
        proxy.swallows = /^GET \/containers\/\w+\/json/;
        const error = await refusal(manager.waitForServices({ timeoutMs: 2_000 }), 12_000);
        expect(error.code).toBe("REAL_SERVICES_TIMEOUT");
        expect(error.postMortems).toMatchObject([
          { engineError: "the engine was asked how it is, and nothing came within 5 s" },
        ]);
        proxy.swallows = undefined;
        await manager.releaseEnvironment(name);
      },
    );
  });

  test("one that stops answering: wait, release and acquire end soon after their time, by that name, and a release works once it is back", async () => {
    await through(
      `db: { image: ${IMAGE}, command: [sleep, "600"], healthcheck: { test: [CMD, "false"], interval: 60s } }`,
      async (proxy, scenario, manager) => {
        const { name } = await manager.acquireEnvironment();
        proxy.isWedged = true;
        const error = await refusal(manager.waitForServices({ timeoutMs: 2_000 }), 12_000);
        expect(error.code).toBe("REAL_SERVICES_ENGINE_FAILED");
        expect(error.message).toBe(
          "Not ready after 2 s: “db”; the engine stopped answering: nothing came within 5 s",
        );
        const [release, acquire] = await Promise.all([
          refusal(manager.releaseEnvironment(name), 35_000),
          refusal(scenario.manager().acquireEnvironment(), 20_000),
        ]);
        expect(release.code).toBe("REAL_SERVICES_RELEASE_INCOMPLETE");
        expect(release.message).toContain("did not answer “list containers” within 30 s");
        expect(acquire.code).toBe("REAL_SERVICES_NO_ENGINE");
        expect(acquire.message).toContain("did not answer “info” within 15 s");
        proxy.isWedged = false;
        proxy.cut();
        await manager.releaseEnvironment(name);
      },
    );
  });
});

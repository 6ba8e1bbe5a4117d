/** An engine that dies, comes back, or has no room left: survived, or told by its true cause, and nothing is left. */
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { LogEvent } from "../src/logs/log-shapes.ts";
import { readSlice } from "../src/logs/read-slice.ts";
import { Owner } from "./owner.ts";
import { eventually, refusal, Scenario } from "./scenario.ts";
import { canHaveSecondEngine, SecondEngine, TINY_IMAGE } from "./second-engine.ts";

/** An engine that was killed gives what it finds running again its whole grace. */
const STACK = {
  "compose.yaml": `
services:
  web: { image: "${TINY_IMAGE}", command: [/bin/sleep, "600"], restart: always, stop_grace_period: 1s, volumes: ["data:/data"] }
  once: { image: "${TINY_IMAGE}", command: [/bin/sleep, "600"], restart: "no", stop_grace_period: 1s }
volumes: { data: {} }`,
};

describe.skipIf(!canHaveSecondEngine)("a second engine", () => {
  let engine: SecondEngine;
  beforeAll(async () => {
    engine = await SecondEngine.start();
  });
  afterAll(() => engine[Symbol.asyncDispose]());
  beforeEach(() => {
    vi.stubEnv("DOCKER_HOST", engine.host);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test.each<NodeJS.Signals>(["SIGKILL", "SIGTERM"])(
    "%s to it: a release says so, health as well once it is back, and the next release finds all, whatever came to life with it again",
    async (signal) => {
      await using scenario = new Scenario(STACK);
      const manager = scenario.manager();
      const environment = await manager.acquireEnvironment();
      await manager.waitForServices();
      await engine.kill(signal);
      const error = await refusal(manager.releaseEnvironment(environment.name));
      expect(error.code).toBe("REAL_SERVICES_RELEASE_INCOMPLETE");
      expect(error.message).toMatch(/ENOENT|ECONNREFUSED/);
      expect(error.received).toBe(engine.host);

      const began = Date.now();
      await engine.start();
      const health = await manager.getHealthReport({ environment: environment.name });
      const [once, web] = health.environments[0]?.services ?? [];
      expect(once).toMatchObject({
        health: "UNHEALTHY",
        detail: expect.stringMatching(
          /^exited \(137, SIGKILL\); the engine was restarted at \S+Z$/,
        ),
      });
      expect(web?.detail).toMatch(/; the engine was restarted at \S+Z$/);
      const restartedAt = Date.parse(once?.detail.split(" ").at(-1) ?? "");
      expect(restartedAt).toBeGreaterThan(began);
      expect(restartedAt).toBeLessThan(Date.now());
      await manager.releaseEnvironment(environment.name);
      expect(await engine.remains()).toEqual([]);
    },
  );

  test("an owner dies while it is down: its watchdog waits until it is back", async () => {
    await using scenario = new Scenario(STACK);
    await using owner = new Owner(scenario, "hold", { DOCKER_HOST: engine.host });
    await owner.says("ready");
    await engine.kill("SIGKILL");
    owner.kill("SIGKILL");
    await owner.end();
    await engine.start();
    await eventually(
      () => engine.remains(),
      (left) => left.length === 0,
    );
  });

  test("it dies while a service is waited for: the wait says so, and ends; the next one says why it was killed", async () => {
    await using scenario = new Scenario({
      "compose.yaml": `services: { web: { image: "${TINY_IMAGE}", command: [/bin/sleep, "600"], stop_grace_period: 1s, healthcheck: { test: [CMD, /bin/false], retries: 1000 } } }`,
    });
    const manager = scenario.manager({ timeoutMs: 2_000 });
    const { name, logFolder = "" } = await manager.acquireEnvironment();
    const isRestart = ({ type }: LogEvent) => type === "engine-restarted";
    await eventually(
      () => scenario.story("service:started"),
      (story) => story.length === 1,
    );
    await engine.kill("SIGKILL");
    const error = await refusal(manager.waitForServices());
    expect(error.code).toBe("REAL_SERVICES_ENGINE_FAILED");
    expect(error.message).toMatch(
      /^Not ready after 2 s: “web”; the engine stopped answering: .*(ENOENT|ECONNREFUSED)/,
    );
    expect(error.postMortems).toMatchObject([
      {
        service: "web",
        image: TINY_IMAGE,
        engineError: expect.stringMatching(/ENOENT|ECONNREFUSED/),
      },
    ]);
    await engine.start();
    const next = await refusal(manager.waitForServices(), 20_000);
    expect(next.code).toBe("REAL_SERVICES_SERVICE_EXITED");
    expect(next.postMortems).toMatchObject([
      {
        exitCode: 137,
        oomKilled: false,
        engineError: expect.stringContaining("the engine was restarted at "),
      },
    ]);
    const slice = await eventually(
      () => readSlice(logFolder, { fromMs: 0, toMs: Date.now() }),
      ({ services }) => services[0]?.events.some(isRestart) === true,
    );
    // It may be heard of more often, and is told once.
    expect(slice.services[0]?.events.filter(isRestart)).toMatchObject([
      { service: "web", text: "went down with the engine, which was restarted here" },
    ]);
    await manager.releaseEnvironment(name);
    expect(await engine.remains()).toEqual([]);
  });

  test("a service uses up its disk: the next start says so and is not tried again, and all can be removed", async () => {
    await using scenario = new Scenario({
      "compose.yaml": `
services:
  hog: { image: "${TINY_IMAGE}", command: [/bin/sh, -c, "dd if=/dev/zero of=/data/all bs=64k; echo it is full; exec sleep 600"], volumes: ["data:/data"] }
volumes: { data: {} }`,
      "next/compose.yaml": STACK["compose.yaml"],
    });
    const manager = scenario.manager();
    const { name, services } = await manager.acquireEnvironment();
    await manager.waitForServices();
    const hog = services["hog"]?.containers[0] ?? "";
    await eventually(
      () =>
        execa("docker", ["exec", hog, "dd", "if=/dev/zero", "of=/more", "bs=64k", "count=1"], {
          reject: false,
          env: { DOCKER_HOST: engine.host },
        }),
      ({ stderr }) => stderr.includes("No space left on device"),
    );
    const next = scenario.manager({ cwd: `${scenario.folder}/next` });
    const error = await refusal(next.acquireEnvironment());
    expect(error).toMatchObject({
      code: "REAL_SERVICES_ENGINE_FAILED",
      message: expect.stringContaining("no space left on device"),
      hint: expect.stringContaining("docker system df"),
    });
    expect(scenario.story("conflict")).toEqual([]);
    await manager.releaseEnvironment(name);
    expect(await engine.remains()).toEqual([]);
  });
});

/** An engine on another machine, whose firewall is not always free. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Environment } from "../src/environment.ts";
import type { LifecycleEvent } from "../src/events.ts";
import { EnvironmentManager } from "../src/manager.ts";
import { expectNothingLeft } from "./engine-state.ts";
import { canRunOtherEngine, OTHER_IMAGE, OtherEngine } from "./other-engine.ts";
import { leaseAllPorts } from "./port-claims.ts";

describe.skipIf(!canRunOtherEngine)("an engine elsewhere", () => {
  let engine: OtherEngine;
  let cwd: string;
  beforeAll(async () => {
    engine = await OtherEngine.start();
  });
  afterAll(() => engine[Symbol.asyncDispose]());
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), "elsewhere-"));
    writeFileSync(
      join(cwd, "compose.yaml"),
      `services: { web: { image: "${OTHER_IMAGE}", ports: ["8000"] } }`,
    );
    vi.stubEnv("DOCKER_HOST", engine.url);
    vi.stubEnv("REAL_SERVICES_STATE_DIR", join(cwd, "state"));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(cwd, { recursive: true, force: true });
  });

  /** Brings a copy up, looks, takes it down; returns everything that happened. */
  async function runCopy(
    look: (copy: Environment) => Promise<void> | void,
    onEvent: (event: LifecycleEvent) => void = () => {},
  ): Promise<LifecycleEvent[]> {
    const manager = new EnvironmentManager({ cwd });
    const events: LifecycleEvent[] = [];
    manager.subscribe((event) => {
      events.push(event);
      onEvent(event);
    });
    const copy = await manager.acquireEnvironment();
    try {
      await manager.waitForServices();
      await look(copy);
      expect((await fetch(`${copy.services["web"]?.url}/`)).status).toBe(200);
    } finally {
      await manager.releaseEnvironment(copy.name);
    }
    await expectNothingLeft([copy.id]);
    return events;
  }
  const conflicts = (events: readonly LifecycleEvent[]) =>
    events.filter((event) => event.type === "conflict");
  const bindings = async (copy: Environment) => {
    const id = copy.services["web"]?.containers[0] ?? "";
    const format = "{{range .HostConfig.PortBindings}}{{range .}}{{.HostIp}}{{end}}{{end}}";
    return engine.docker(["inspect", "-f", format, id]);
  };

  test("ports are reached at its address; which are free is asked of it, not of this host", async () => {
    const [taken, free] = [30_700, 30_701];
    await leaseAllPorts([taken, free]);
    const foreign = await engine.docker(["run", "-d", "-p", `${taken}:8000`, OTHER_IMAGE]);
    // What listens here says nothing about there.
    const local = createServer().listen(free, "0.0.0.0");
    try {
      const events = await runCopy(async (copy) => {
        const port = { containerPort: 8000, protocol: "tcp", host: engine.address, port: free };
        expect(copy.services["web"]?.ports).toEqual([port]);
        expect(copy.services["web"]?.url).toBe(`http://${engine.address}:${free}`);
        expect(await bindings(copy)).toBe("0.0.0.0");
      });
      expect(conflicts(events)).toEqual([]);
    } finally {
      local.close();
      await engine.docker(["rm", "-f", foreign]);
    }
  });

  test("somebody is at its firewall when a network is created, and when a container starts", async () => {
    let unlock: (() => void) | undefined;
    const locked = new Set<string>();
    const events = await runCopy(
      () => {},
      (event) => {
        if (event.type === "conflict") {
          unlock?.();
          unlock = undefined;
          return;
        }
        const isStart = event.type === "environment:state" && event.to === "starting";
        if (event.type !== "services:planned" && !isStart) return;
        unlock = engine.lockFirewall();
        locked.add(event.type);
      },
    );
    expect(locked.size).toBe(2);
    const told = conflicts(events);
    expect(told.map(({ attempt }) => attempt)).toEqual([1, 1]);
    for (const { message } of told) expect(message).toContain("xtables lock");
    // Of the environment the first time, of its service the second.
    expect(told.map(({ service }) => service)).toEqual([undefined, "web"]);
  });
});

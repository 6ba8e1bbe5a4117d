import { AsyncLocalStorage } from "node:async_hooks";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test, vi } from "vitest";
import type { Environment } from "../src/environment.ts";
import type { EnvironmentOptions } from "../src/options.ts";
import type { ProcessOwner } from "../src/ownership/owner.ts";
import { readProcess } from "../src/ownership/process-identity.ts";
import type { Scenario } from "./scenario.ts";

/** Who this process takes itself for. */
interface Identity {
  host: string;
  owner?: ProcessOwner;
}

const identity = new AsyncLocalStorage<Identity>();

type ProcessIdentity = typeof import("../src/ownership/process-identity.ts");

/**
 * For `vi.mock`: this process is on the host of the test that asks. No other process's sweep on the
 * engine can tell whether owners of a made-up host are alive, and interfere.
 */
export async function onMadeUpHosts(
  importOriginal: () => Promise<ProcessIdentity>,
): Promise<ProcessIdentity> {
  const original = await importOriginal();
  const readOwnIdentity = async () =>
    identity.getStore()?.owner ?? { ...(await original.readOwnIdentity()), ...identity.getStore() };
  return { ...original, readOwnIdentity };
}

/** A test on a host of its own, at the same time as the others; its story may move to another host. */
export function testOnHost(name: string, story: (place: Identity) => Promise<void>): void {
  const place = { host: `made-up-${crypto.randomUUID()}` };
  test.concurrent(name, () => identity.run(place, () => story(place)));
}

/** State of the file's own: it goes with its last test. */
export function useOwnState(): void {
  const state = mkdtempSync(join(tmpdir(), "ownership-state-"));
  beforeAll(() => {
    vi.stubEnv("REAL_SERVICES_STATE_DIR", state);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(state, { recursive: true, force: true });
  });
}

/** Owns what is acquired in its name, until it is killed. */
export class OwnerProcess implements AsyncDisposable {
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
  }

  static async start(): Promise<OwnerProcess> {
    const child = spawn("sleep", ["600"]);
    await once(child, "spawn");
    return new OwnerProcess(child);
  }

  /** Acquires as that process would; the manager forgets it, as a killed process does. */
  async acquire(scenario: Scenario, options: EnvironmentOptions = {}): Promise<Environment> {
    const reading = await readProcess(this.pid);
    const startTime = reading.state === "running" ? reading.startTime : "";
    const { readOwnIdentity } = await import("../src/ownership/process-identity.ts");
    const owner = { ...(await readOwnIdentity()), pid: this.pid, startTime };
    return identity.run({ host: owner.host, owner }, async () => {
      const manager = scenario.manager(options);
      const environment = await manager.acquireEnvironment();
      await manager.waitForServices();
      return environment;
    });
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

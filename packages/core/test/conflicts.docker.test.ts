/** What is foreign and in the way is worked around and stays as it is. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LifecycleEvent } from "../src/events.ts";
import { EnvironmentManager } from "../src/manager.ts";
import { expectNothingLeft } from "./engine-state.ts";

const IMAGE = process.env["PEER_IMAGE"] ?? "real-services/peer:1";
/** Labels everything foreign that this file makes, so that its own clean-up is exact. */
const MARK = `real-services-conflicts-test=${process.pid}`;

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "conflicts-"));
  vi.stubEnv("REAL_SERVICES_STATE_DIR", join(cwd, "state"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  rmSync(cwd, { recursive: true, force: true });
  const { stdout: containers } = await execa("docker", ["ps", "-aq", "--filter", `label=${MARK}`]);
  for (const id of lines(containers)) await execa("docker", ["rm", "-f", id]);
  const { stdout: networks } = await execa("docker", [
    "network",
    "ls",
    "-q",
    "--filter",
    `label=${MARK}`,
  ]);
  for (const id of lines(networks)) await execa("docker", ["network", "rm", id]);
  const { stdout: volumes } = await execa("docker", [
    "volume",
    "ls",
    "-q",
    "--filter",
    `label=${MARK}`,
  ]);
  for (const name of lines(volumes)) await execa("docker", ["volume", "rm", name]);
});

test("a foreign container has the wanted name: the copy runs beside it", async () => {
  const foreign = await foreignContainer(["--name", "rs-wanted-name"]);
  await runCopy(`services: { web: { image: "${IMAGE}", container_name: rs-wanted-name } }`);
  await expectRunning(foreign);
});

test.each<[string, (environment: string) => string[]]>([
  ["network", (environment) => ["network", "create", "--label", MARK, `${environment}_default`]],
  ["container", (name) => ["run", "-d", "--label", MARK, "--name", `${name}-web-1`, IMAGE]],
  ["volume", (environment) => ["volume", "create", "--label", MARK, `${environment}_data`]],
])(
  "a foreign %s has the very name that the copy wants to give: another name",
  async (_what, make) => {
    const made: string[] = [];
    const events = await runCopy(
      `services: { web: { image: "${IMAGE}", ports: ["8000"], volumes: ["data:/data"] } }\nvolumes: { data: {} }`,
      (event) => {
        // In step, before anything of the copy exists.
        if (event.type !== "services:planned" || made.length > 0) return;
        made.push(execFileSync("docker", make(event.environment), { encoding: "utf8" }).trim());
      },
    );
    expect(conflicts(events)).toHaveLength(1);
    expect(events.filter(({ type }) => type === "services:planned")).toHaveLength(2);
    // Neither taken over nor removed.
    await execa("docker", ["inspect", ...made]);
  },
);

test("a foreign process takes a leased port before the engine binds it: one new port", async () => {
  let squatter: Server | undefined;
  const events = await runCopy(
    `services: { web: { image: "${IMAGE}", ports: ["8000"] }, other: { image: "${IMAGE}", ports: ["8000"] } }`,
    onCreated(() => {
      squatter = createServer().listen(leasedPort(), "127.0.0.1");
    }),
  );
  expect(conflicts(events)).toHaveLength(1);
  expect(squatter?.listening).toBe(true);
  squatter?.close();
});

test("a foreign container takes a leased port before the engine binds it: one new port", async () => {
  let foreign: Promise<string> | undefined;
  const events = await runCopy(
    // The delay gives the foreign container the time to be first.
    `services:
  first: { image: "${IMAGE}", command: [sleep, "1"] }
  web: { image: "${IMAGE}", ports: ["8000"], depends_on: { first: { condition: service_completed_successfully } } }`,
    onCreated(() => {
      foreign = foreignContainer(["-p", `127.0.0.1:${leasedPort()}:8000`]);
    }),
  );
  expect(conflicts(events)).toHaveLength(1);
  await expectRunning((await foreign) ?? "");
});

test("a port taken on another address of the host is seen by the engine only: one new port", async () => {
  let squatter: Server | undefined;
  const events = await runCopy(
    `services: { web: { image: "${IMAGE}", ports: ["8000"] } }`,
    onCreated(() => {
      squatter = createServer().listen(leasedPort(), "127.0.0.1");
    }),
    { bindAddress: "0.0.0.0" },
  );
  expect(conflicts(events)).toHaveLength(1);
  squatter?.close();
});

test("a foreign network has the wanted subnet: the copy moves", async () => {
  const subnet = "172.31.251.0/24";
  const { stdout: network } = await execa("docker", [
    ...["network", "create", "--label", MARK, "--subnet", subnet, `rs-foreign-${process.pid}`],
  ]);
  await runCopy(`services: { web: { image: "${IMAGE}", networks: { lan: { ipv4_address: 172.31.251.7 } } } }
networks: { lan: { ipam: { config: [{ subnet: ${subnet} }] } } }`);
  await execa("docker", ["network", "inspect", network]);
});

/** When its containers exist and none has started. */
function onCreated(act: () => void): (event: LifecycleEvent) => void {
  return (event) => {
    if (event.type === "environment:state" && event.to === "starting") act();
  };
}

/** Brings a copy up and down again. */
async function runCopy(
  compose: string,
  onEvent: (event: LifecycleEvent) => void = () => {},
  options: { bindAddress?: string } = {},
): Promise<LifecycleEvent[]> {
  writeFileSync(join(cwd, "compose.yaml"), compose);
  const manager = new EnvironmentManager({ cwd, ...options });
  const events: LifecycleEvent[] = [];
  manager.subscribe((event) => {
    events.push(event);
    onEvent(event);
  });
  const environment = await manager.acquireEnvironment();
  try {
    await manager.waitForServices();
    for (const { url } of Object.values(environment.services)) {
      if (url !== undefined) expect((await fetch(url)).status).toBe(200);
    }
  } finally {
    await manager.releaseEnvironment(environment.name);
  }
  await expectNothingLeft([environment.id]);
  return events;
}

/** One of the ports that the only copy of this test holds. */
function leasedPort(): number {
  return Number(readdirSync(join(cwd, "state", "ports")).find((name) => /^\d+$/.test(name)));
}

function conflicts(events: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
  return events.filter(({ type }) => type === "conflict");
}

async function foreignContainer(args: readonly string[]): Promise<string> {
  const { stdout } = await execa("docker", ["run", "-d", "--label", MARK, ...args, IMAGE]);
  return stdout;
}

async function expectRunning(id: string): Promise<void> {
  const { stdout } = await execa("docker", ["inspect", "-f", "{{.State.Running}}", id]);
  expect(stdout).toBe("true");
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

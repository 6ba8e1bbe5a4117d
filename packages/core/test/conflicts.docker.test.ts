/** What is foreign and in the way is worked around and stays as it is. */

import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test as plainTest } from "vitest";
import type { LifecycleEvent } from "../src/events.ts";
import { EnvironmentManager } from "../src/manager.ts";
import { expectNothingLeft } from "./engine-state.ts";

const IMAGE = process.env["PEER_IMAGE"] ?? "real-services/peer:1";
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";

/** Where one test takes place: a folder for its stack, and all that is foreign in it. */
class Place implements AsyncDisposable {
  readonly #cwd = mkdtempSync(join(tmpdir(), "conflicts-"));
  /** Labels everything foreign that this test makes, so that its own clean-up is exact. */
  readonly mark = `real-services-conflicts-test=${randomUUID()}`;

  /** Brings a copy up and down again. */
  async runCopy(
    compose: string,
    onEvent: (event: LifecycleEvent) => void = () => {},
    options: { bindAddress?: string } = {},
  ): Promise<LifecycleEvent[]> {
    writeFileSync(join(this.#cwd, "compose.yaml"), compose);
    const manager = new EnvironmentManager({ cwd: this.#cwd, ...options });
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

  /** Running when it returns: in step with whatever the copy does meanwhile. */
  foreignContainer(args: readonly string[]): string {
    const all = ["run", "-d", "--label", this.mark, ...args, IMAGE];
    return execFileSync("docker", all, { encoding: "utf8" }).trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#cwd, { recursive: true, force: true });
    const filter = ["-q", "--filter", `label=${this.mark}`];
    for (const [list, removal] of [
      [
        ["ps", "-a"],
        ["rm", "-f"],
      ],
      [
        ["network", "ls"],
        ["network", "rm"],
      ],
      [
        ["volume", "ls"],
        ["volume", "rm"],
      ],
    ] as const) {
      const { stdout } = await execa("docker", [...list, ...filter]);
      if (stdout !== "") await execa("docker", [...removal, ...stdout.split("\n")]);
    }
  }
}

/** At the same time as the others. */
function test(name: string, story: (place: Place) => Promise<void>): void {
  plainTest.concurrent(name, async () => {
    await using place = new Place();
    await story(place);
  });
}

test("foreign ones have the wanted name and the wanted subnet: the copy runs beside them", async (place) => {
  const [subnet, wanted] = ["172.31.251.0/24", `rs-wanted-${process.pid}`];
  const foreign = place.foreignContainer(["--name", wanted]);
  const { stdout: network } = await execa("docker", [
    ...[
      "network",
      "create",
      "--label",
      place.mark,
      "--subnet",
      subnet,
      `rs-foreign-${process.pid}`,
    ],
  ]);
  await place.runCopy(`
services: { web: { image: "${IMAGE}", container_name: ${wanted}, networks: { lan: { ipv4_address: 172.31.251.7 } } } }
networks: { lan: { ipam: { config: [{ subnet: ${subnet} }] } } }`);
  await expectRunning(foreign);
  await execa("docker", ["network", "inspect", network]);
});

const FOREIGN = {
  network: (name) => ["network", "create", `${name}_default`],
  container: (name) => ["create", "--name", `${name}-web-1`, IMAGE],
  volume: (name) => ["volume", "create", `${name}_data`],
} satisfies Record<string, (environment: string) => string[]>;

// A third in a row would be no accident.
for (const whats of [["network", "container"], ["volume"]] as const) {
  test(`a foreign ${whats.join(", then a ")} has the very name that the copy wants to give: another name`, async (place) => {
    const made: string[] = [];
    const events = await place.runCopy(
      `services: { web: { image: "${IMAGE}", ports: ["8000"], volumes: ["data:/data"] } }\nvolumes: { data: {} }`,
      (event) => {
        const what = whats[made.length];
        // In step, before anything of the copy exists.
        if (event.type !== "services:planned" || what === undefined) return;
        const args = FOREIGN[what](event.environment);
        const at = args.indexOf("create") + 1;
        const all = args.toSpliced(at, 0, "--label", place.mark);
        made.push(execFileSync("docker", all, { encoding: "utf8" }).trim());
      },
    );
    expect(conflicts(events)).toHaveLength(whats.length);
    expect(events.filter(({ type }) => type === "services:planned")).toHaveLength(whats.length + 1);
    // Neither taken over nor removed.
    await execa("docker", ["inspect", ...made]);
  });
}

test("a foreign container takes a leased port before the engine binds it: one new port", async (place) => {
  let foreign = "";
  const events = await place.runCopy(
    `services: { web: { image: "${IMAGE}", ports: ["8000"] }, other: { image: "${IMAGE}", ports: ["8000"] } }`,
    onCreated((port) => {
      foreign = place.foreignContainer(["-p", `127.0.0.1:${port}:8000`]);
    }),
  );
  expect(conflicts(events)).toHaveLength(1);
  await expectRunning(foreign);
});

for (const [where, options] of [
  ["on another address of the host, seen by the engine only", { bindAddress: "0.0.0.0" }],
  ...(IS_SOAK ? [["before the engine binds it", {}] as const] : []),
] as const) {
  test(`a foreign process takes a leased port ${where}: one new port`, async (place) => {
    let squatter: Server | undefined;
    const events = await place.runCopy(
      `services: { web: { image: "${IMAGE}", ports: ["8000"] } }`,
      onCreated((port) => {
        squatter = createServer().listen(port, "127.0.0.1");
      }),
      options,
    );
    expect(conflicts(events)).toHaveLength(1);
    expect(squatter?.listening).toBe(true);
    squatter?.close();
  });
}

/** When its containers exist and none has started: told a port that one of them is to have. */
function onCreated(act: (port: number) => void): (event: LifecycleEvent) => void {
  return (event) => {
    if (event.type !== "environment:state" || event.to !== "starting") return;
    const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8" }).trim();
    const label = `label=real-services.environment=${event.environment}`;
    const ids = docker("ps", "-aq", "--filter", label).split("\n");
    const format = "{{range .HostConfig.PortBindings}}{{(index . 0).HostPort}}{{end}}";
    const ports = docker("inspect", "-f", format, ...ids).split("\n");
    act(Number(ports.find((port) => port !== "")));
  };
}

function conflicts(events: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
  return events.filter(({ type }) => type === "conflict");
}

async function expectRunning(id: string): Promise<void> {
  const { stdout } = await execa("docker", ["inspect", "-f", "{{.State.Running}}", id]);
  expect(stdout).toBe("true");
}

/**
 * Every hard stack of fixtures/stacks runs in several copies at once, beside a plain
 * `docker compose up` of the same file: all ready, each reached on ports of its own, what one copy
 * writes is never read by another, nothing left afterwards.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../src/environment.ts";
import type { LifecycleEvent } from "../src/events.ts";
import { EnvironmentManager } from "../src/manager.ts";
import { expectNothingLeft } from "./engine-state.ts";

const FOLDER = resolve(import.meta.dirname, "../../../fixtures/stacks");
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
const COPIES = IS_SOAK ? 4 : 2;

interface Expectation {
  /** Neighbours that the relay must see as its own copy's store. @default store on 8000 */
  readonly asks?: readonly string[];
  /** Told once as a warning. */
  readonly warns?: readonly RegExp[];
  /** Further looks into a copy. */
  readonly look?: (copy: Environment) => Promise<void>;
  /** Plain Compose takes its time to start it: what counts is that its containers are there. */
  readonly plainIsSlow?: boolean;
  /** Plain Compose cannot run it here, and why. */
  readonly plainCannot?: string;
}

const EXPECTATIONS: Readonly<Record<string, Expectation>> = {
  "bind-mounts": {
    warns: [/“?relay|writes to .*content of the host/],
    look: async (copy) => {
      expect(await get(copy, "store", "/file/content/note.txt")).toBe("from the project\n");
    },
  },
  "bridge-name": {},
  "build-unnamed": {
    look: async (copy) => expect(await get(copy, "store", "/file/built")).toBe("built\n"),
  },
  "configs-secrets": {
    look: async (copy) => {
      expect(await get(copy, "store", "/file/etc/inline")).toBe("inline $content");
      expect(await get(copy, "store", "/file/etc/file")).toBe("from a file\n");
      expect(await get(copy, "store", "/file/run/secrets/variable")).toBe("from-a-variable");
      expect(await get(copy, "store", "/file/run/secrets/disk")).toBe("from a file\n");
    },
  },
  "container-name": { asks: ["store/8000", "the-store/8000"] },
  "deep-chain": { plainIsSlow: true },
  "extends-include": {
    asks: ["store/8000", "included-store/8000"],
    look: async (copy) => expect(await get(copy, "relay", "/env/FROM_BASE")).toBe("yes"),
  },
  external: { warns: [/network .*external is external/, /volume .*external is external/] },
  "fixed-ports": { asks: ["store/8000", "store/8001", "store/8002"] },
  "health-default": { plainIsSlow: true },
  "health-disabled": {},
  "init-chain": {
    plainIsSlow: true,
    look: async (copy) => expect(await get(copy, "store", "/file/data/second")).toBe("one\n"),
  },
  "internal-network": {},
  interpolation: {
    look: async (copy) => {
      expect(await get(copy, "store", "/env/GREETING")).toBe("hello");
      expect(await get(copy, "store", "/env/DOLLARS")).toBe("a$b");
      expect(await get(copy, "store", "/env/ALT")).toBe("set");
      expect(await get(copy, "store", "/env/FROM_FILE")).toBe("x$y");
      expect(await get(copy, "store", "/env/QUOTED")).toBe("two words");
    },
  },
  ipv6: {},
  "labels-develop": {},
  "log-drivers": {
    warns: [/json-file instead of none/, /json-file instead of syslog/],
    plainCannot: "there is no syslog server",
  },
  "network-names": { asks: ["store/8000", "db.internal/8000"] },
  "network-of-container": {
    asks: ["store/8000", "linked/8000", "fixture-anchor/8000"],
    look: lookAtSidecar,
    plainCannot: "it refers to a container that Compose has not started yet",
  },
  "network-of-service": { look: lookAtSidecar },
  profiles: {},
  replicas: {
    look: async (copy) => {
      const hosts = copy.services["relay"]?.ports.map(({ host, port }) => `${host}:${port}`) ?? [];
      expect(new Set(hosts).size).toBe(3);
      const names = hosts.map(async (host) => (await fetch(`http://${host}/env/HOSTNAME`)).text());
      expect(new Set(await Promise.all(names)).size).toBe(3);
    },
  },
  "restart-always": {},
  "same-target-twice": {
    look: async (copy) => {
      const ports = copy.services["store"]?.ports.map(({ port }) => port) ?? [];
      expect(new Set(ports).size).toBe(2);
      for (const port of ports) expect((await fetch(`http://127.0.0.1:${port}/`)).ok).toBe(true);
    },
  },
  scale: {
    look: async (copy) => {
      expect(copy.services["relay"]?.containers).toHaveLength(2);
      expect(copy.services["idle"]?.containers).toHaveLength(0);
    },
  },
  "static-addresses": {},
  "tmpfs-hosts": {
    look: async (copy) => {
      expect(await get(copy, "relay", "/file/etc/hosts")).toMatch(/203\.0\.113\.7\s+elsewhere/);
      expect(await get(copy, "relay", "/file/etc/resolv.conf")).toContain("example.test");
      expect(await get(copy, "relay", "/env/HOSTNAME")).toBe("relay-host");
      expect(await get(copy, "store", "/file/proc/sys/net/core/somaxconn")).toBe("512\n");
    },
  },
  udp: {},
  "volume-names": {
    look: async (copy) => {
      // The same volume inside a copy, another one in every other.
      expect(await get(copy, "relay", "/id")).toBe(copy.id);
    },
  },
};

/** One round of `npm test` takes a twelfth of the stacks, another twelfth each day; soak takes all. */
const TWELFTH =
  process.env["REAL_SERVICES_STACKS"] ?? String(Math.floor(Date.now() / 86_400_000) % 12);
const chosen = readdirSync(FOLDER)
  .toSorted()
  .filter((_, index) => IS_SOAK || TWELFTH === "all" || index % 12 === Number(TWELFTH));
const needsExternal = chosen.includes("external");

describe(`hard stacks, ${COPIES} copies each beside plain Compose (twelfth ${TWELFTH})`, () => {
  beforeAll(async () => {
    if (!needsExternal) return;
    // Left by nobody but an interrupted run of this very test.
    await execa("docker", ["volume", "create", EXTERNAL]);
    await execa("docker", ["network", "create", "--subnet", "198.19.255.224/27", EXTERNAL], {
      reject: false,
    });
  });
  afterAll(async () => {
    if (!needsExternal) return;
    // Another checkout's run on this engine may use them still, or have removed them.
    await execa("docker", ["network", "rm", EXTERNAL], { reject: false });
    await execa("docker", ["volume", "rm", EXTERNAL], { reject: false });
  });

  test("every stack has its expectation", () => {
    expect(readdirSync(FOLDER).toSorted()).toEqual(Object.keys(EXPECTATIONS).toSorted());
  });

  test.for(chosen)("%s", async (name) => {
    const expectation = EXPECTATIONS[name] ?? {};
    const cwd = join(FOLDER, name);
    expect(readFileSync(join(cwd, "compose.yaml"), "utf8")).toMatch(/^# \S/);
    const events: LifecycleEvent[] = [];
    const manager = new EnvironmentManager({ cwd, profiles: ["on"] });
    manager.subscribe((event) => events.push(event));
    // All at the same moment, as it happens to people.
    const plain =
      expectation.plainCannot === undefined
        ? composeUp(cwd, name, expectation.plainIsSlow === true)
        : undefined;
    const copies: Environment[] = [];
    try {
      const acquired = Array.from({ length: COPIES }, async () => {
        copies.push(await manager.acquireEnvironment());
      });
      await Promise.all([...acquired, plain]);
      await manager.waitForServices();
      expectOwnPorts(copies);
      for (const copy of copies) await put(copy, "store", copy.id);
      for (const copy of copies) {
        for (const asked of expectation.asks ?? ["store/8000"]) {
          expect(await get(copy, "relay", `/ask/${asked}`), `${asked} in ${copy.name}`).toBe(
            copy.id,
          );
        }
        await expectation.look?.(copy);
      }
      const warnings = events.filter((event) => event.type === "warning");
      for (const pattern of expectation.warns ?? []) {
        const matching = warnings.filter(({ message }) => pattern.test(message));
        expect(matching, `${pattern}, once a copy`).toHaveLength(COPIES);
      }
      if (expectation.warns === undefined) expect(warnings).toEqual([]);
    } finally {
      const releases = copies.map((copy) => manager.releaseEnvironment(copy.name));
      await Promise.all([...releases, plain?.then(({ down }) => down())]);
    }
    await expectNothingLeft(copies.map(({ id }) => id));
  });
});

const EXTERNAL = "real-services-fixture-external";

/** The user's own copy, as he would start it; returns how to take it down. */
async function composeUp(
  cwd: string,
  name: string,
  isSlow: boolean,
): Promise<{ down: () => Promise<unknown> }> {
  const project = ["compose", "-p", `plain-${name}`, "--profile", "on"];
  const down = () => execa("docker", [...project, "down", "-v", "-t", "0"], { cwd });
  try {
    // A slow one is created, and its first service started: that takes names and ports as well.
    await execa("docker", [...project, "up", isSlow ? "--no-start" : "-d", "--quiet-pull"], {
      cwd,
    });
    if (isSlow)
      await execa("docker", [...project, "start", "store"], { cwd, reject: false, timeout: 1_000 });
  } catch (error) {
    await down();
    throw error;
  }
  return { down };
}

function expectOwnPorts(copies: readonly Environment[]): void {
  const ports = copies.flatMap((copy) =>
    Object.values(copy.services).flatMap((service) =>
      service.ports.map(({ host, port, protocol }) => {
        expect(host).toBe("127.0.0.1");
        expect(port).toBeGreaterThanOrEqual(30_000);
        expect(port).toBeLessThanOrEqual(40_000);
        return `${protocol}:${port}`;
      }),
    ),
  );
  expect(new Set(ports).size).toBe(ports.length);
}

async function get(copy: Environment, service: string, path: string): Promise<string> {
  const response = await fetch(new URL(path, urlOf(copy, service)));
  return response.text();
}

/** It listens in the store's network: reached by the store's port, and by the store's name. */
async function lookAtSidecar(copy: Environment): Promise<void> {
  const port = copy.services["store"]?.ports.find(({ containerPort }) => containerPort === 9000);
  const body = `sidecar of ${copy.id}`;
  await fetch(`http://${port?.host}:${port?.port}/id`, { method: "PUT", body });
  expect(await get(copy, "relay", "/ask/store/9000")).toBe(body);
}

/** Where the store publishes nothing, what it serves is written through its own container. */
async function put(copy: Environment, service: string, body: string): Promise<void> {
  if (copy.services[service]?.url === undefined) {
    const container = copy.services[service]?.containers[0] ?? "";
    await execa("docker", ["exec", container, "sh", "-c", `printf %s ${body} > /tmp/peer`]);
    return;
  }
  const response = await fetch(new URL("/id", urlOf(copy, service)), { method: "PUT", body });
  expect(response.status).toBe(200);
}

function urlOf(copy: Environment, service: string): string {
  return copy.services[service]?.url ?? `no url of ${service}`;
}

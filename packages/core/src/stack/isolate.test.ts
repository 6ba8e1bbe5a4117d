import { describe, expect, test } from "vitest";
import { type IsolationPlan, isolate } from "./isolate.ts";
import { networkSlots } from "./isolate-networks.ts";
import { portSlots } from "./isolate-ports.ts";
import { OPTIONAL_LABEL } from "./labels.ts";
import type { ComposeModel, ComposeService } from "./model.ts";

const plan: IsolationPlan = {
  project: "shop-3f9a1c",
  labels: { ours: "yes" },
  hostPorts: [],
  subnets: [],
  bindAddress: "127.0.0.1",
  publish: {},
  memory: {},
  hostAccess: false,
  calm: new Set(["web"]),
};

/** Isolates on ports from 30001 and subnets from 10.0.0.0, as many as the model asks for. */
function isolated(model: ComposeModel, overrides: Partial<IsolationPlan> = {}) {
  let port = 30_000;
  const hostPorts = portSlots(model, overrides.publish ?? {}).map(({ count }) =>
    Array.from({ length: count }, () => ++port),
  );
  const subnets = networkSlots(model).map((_, index) => `10.0.${index}.0/24`);
  return isolate(model, { ...plan, hostPorts, subnets, ...overrides });
}

/** One service in a stack of its own. */
function isolatedService(service: ComposeService, overrides: Partial<IsolationPlan> = {}) {
  const { model, warnings } = isolated({ name: "shop", services: { web: service } }, overrides);
  return { ...model.services["web"], warnings: warnings.map(({ message }) => message) };
}

test("the project, everything in it and every label is the environment's own", () => {
  const { model } = isolated({
    name: "shop",
    services: { web: { image: "web", labels: { mine: "too" } } },
    networks: { default: { name: "shop_default" }, back: null },
    volumes: { data: { name: "shop_data", labels: { mine: "too" } }, other: null },
    "x-anything": 1,
  });
  expect(model).toMatchObject({
    name: "shop-3f9a1c",
    services: { web: { labels: { mine: "too", ours: "yes", [OPTIONAL_LABEL.service]: "web" } } },
    networks: {
      default: { name: "shop-3f9a1c_default", labels: { ours: "yes" } },
      back: { name: "shop-3f9a1c_back", labels: { ours: "yes" } },
    },
    volumes: {
      data: { name: "shop-3f9a1c_data", labels: { mine: "too", ours: "yes" } },
      other: { name: "shop-3f9a1c_other", labels: { ours: "yes" } },
    },
    "x-anything": 1,
  });
});

test("the model that is given stays as it was", () => {
  const model: ComposeModel = {
    services: {
      web: { image: "web", container_name: "x", ports: [{ target: 80 }], restart: "always" },
    },
    networks: { default: { ipam: { config: [{ subnet: "172.28.0.0/16" }] } } },
  };
  const before = structuredClone(model);
  isolated(model);
  expect(model).toEqual(before);
});

test("a container name goes, and stays as an alias on each network", () => {
  const { model } = isolated({
    services: {
      web: {
        container_name: "the-web",
        networks: { front: null, back: { aliases: ["w"], priority: 2 } },
      },
    },
    networks: { front: null, back: null },
  });
  expect(model.services["web"]).not.toHaveProperty("container_name");
  expect(model.services["web"]?.networks).toEqual({
    front: { aliases: ["the-web"] },
    back: { aliases: ["w", "the-web"], priority: 2 },
  });
});

describe("ports", () => {
  test("each published one gets a leased one on the given address, in the order of the file", () => {
    const { model } = isolated({
      services: {
        web: {
          ports: [
            { target: 80, published: "80" },
            { target: 53, protocol: "udp" },
          ],
        },
        api: { ports: [{ target: 80, published: "8080", host_ip: "0.0.0.0", mode: "host" }] },
        none: {},
      },
    });
    const host_ip = "127.0.0.1";
    expect(model.services["web"]?.ports).toEqual([
      { target: 80, published: "30001", host_ip },
      { target: 53, protocol: "udp", published: "30002", host_ip },
    ]);
    expect(model.services["api"]?.ports).toEqual([
      { target: 80, published: "30003", host_ip, mode: "host" },
    ]);
    expect(model.services["none"]).not.toHaveProperty("ports");
  });

  test("replicas share a range, one for each", () => {
    const ports = [{ target: 80 }];
    expect(isolatedService({ ports, deploy: { replicas: 3 } }).ports?.[0]?.published).toBe(
      "30001-30003",
    );
    expect(isolatedService({ ports, scale: 2 }).ports?.[0]?.published).toBe("30001-30002");
    expect(isolatedService({ ports, scale: 0 })).not.toHaveProperty("ports");
  });

  test("those asked for by option come on top, unless they are published already", () => {
    const publish = { web: [80, 9229] };
    const { ports } = isolatedService({ ports: [{ target: 80 }] }, { publish });
    expect(ports?.map(({ target, published }) => [target, published])).toEqual([
      [80, "30001"],
      [9229, "30002"],
    ]);
  });
});

describe("networks", () => {
  test("own subnets and static addresses move together", () => {
    const { model } = isolated({
      services: { web: { networks: { back: { ipv4_address: "172.28.0.10" } } } },
      networks: {
        back: {
          driver_opts: { "com.docker.network.bridge.name": "br0", other: "1" },
          ipam: {
            config: [
              { subnet: "172.28.0.0/24", gateway: "172.28.0.1", ip_range: "172.28.0.128/25" },
            ],
          },
        },
      },
    });
    expect(model.networks?.["back"]).toMatchObject({
      driver_opts: { other: "1" },
      ipam: {
        config: [{ subnet: "10.0.0.0/24", gateway: "10.0.0.1", ip_range: "10.0.0.128/25" }],
      },
    });
    expect(model.networks?.["back"]?.driver_opts).not.toHaveProperty(
      "com.docker.network.bridge.name",
    );
    expect(model.services["web"]?.networks?.["back"]).toEqual({ ipv4_address: "10.0.0.10" });
  });

  test("each without a subnet gets one large enough for its containers", () => {
    const services = {
      web: { networks: { big: null }, scale: 100 },
      db: { networks: { small: null } },
    };
    const slots = networkSlots({
      services,
      networks: { big: null, small: null, lan: { driver: "macvlan" } },
    });
    expect(slots.map(({ network, prefix }) => [network, prefix])).toEqual([
      ["big", 25],
      ["small", 27],
    ]);
  });

  test("what is external or not a bridge stays, and is said once", () => {
    const networks = {
      shared: { external: true, name: "company" },
      lan: { driver: "macvlan", ipam: { config: [{ subnet: "192.168.1.0/24" }] } },
    };
    const volumes = {
      shared: { external: true, name: "archive" },
      disk: { driver_opts: { type: "none", device: "/srv/data", o: "bind" } },
    };
    const { model, warnings } = isolated({ services: { web: {} }, networks, volumes });
    expect(model.networks?.["shared"]).toEqual(networks.shared);
    expect(model.networks?.["lan"]?.ipam).toEqual(networks.lan.ipam);
    expect(model.volumes?.["shared"]).toEqual(volumes.shared);
    expect(warnings.map(({ message }) => message)).toEqual([
      "network company is external: every copy shares it",
      "network lan has driver macvlan: its addresses are not moved",
      "volume archive is external: every copy shares it",
      "volume disk lies on /srv/data: every copy shares it",
    ]);
  });
});

describe("restarts: no copy comes back after a reboot, a crash is still recovered from", () => {
  test.each([
    [undefined, undefined],
    ["no", "no"],
    ["always", "on-failure"],
    ["unless-stopped", "on-failure"],
    ["on-failure:3", "on-failure:3"],
  ])("restart: %s becomes %s", (restart, expected) => {
    expect(isolatedService(restart === undefined ? {} : { restart }).restart).toBe(expected);
  });

  test.each([
    [undefined, "on-failure"],
    ["any", "on-failure"],
    ["on-failure", "on-failure"],
    ["none", "none"],
  ])("deploy.restart_policy.condition: %s becomes %s", (condition, expected) => {
    const policy = condition === undefined ? {} : { condition };
    const { deploy } = isolatedService({ deploy: { replicas: 2, restart_policy: policy } });
    expect(deploy).toEqual({ replicas: 2, restart_policy: { condition: expected } });
  });
});

test("a check that would run every second is calm while the service starts, unless somebody else decides", () => {
  const healthcheck = { test: ["CMD", "true"], interval: "1s", retries: 2 };
  const calm = isolatedService({ healthcheck });
  expect(calm.healthcheck).toEqual({ ...healthcheck, start_period: "2s", start_interval: "30s" });
  expect(calm.labels).toMatchObject({ [OPTIONAL_LABEL.startPeriod]: "0" });
  const asWritten = isolatedService({ healthcheck }, { calm: new Set() });
  expect(asWritten.healthcheck).toEqual(healthcheck);
  expect(asWritten.labels).not.toHaveProperty(OPTIONAL_LABEL.startPeriod);
});

test("what is built and has no name is called as Compose itself would call it", () => {
  expect(isolatedService({ build: { context: "." } }).image).toBe("shop-web");
  expect(isolatedService({ build: { context: "." }, image: "mine" }).image).toBe("mine");
});

test("a service of a known kind gets a limit, and every container tells how much it may use", () => {
  const limited = isolatedService({ image: "postgres:17" });
  expect(limited.mem_limit).toBe("536870912");
  expect(limited.labels?.["real-services.memory"]).toBe("536870912");
  const own = isolatedService({ image: "postgres:17", mem_limit: "67108864" });
  expect(own.mem_limit).toBe("67108864");
  expect(own.labels?.["real-services.memory"]).toBe("67108864");
  const deploy = { resources: { limits: { memory: "67108864" } } };
  const deployed = isolatedService({ image: "postgres:17", deploy });
  expect(deployed).not.toHaveProperty("mem_limit");
  expect(deployed.labels?.["real-services.memory"]).toBe("67108864");
  expect(isolatedService({ image: "mine" })).not.toHaveProperty("mem_limit");
});

test("profiles are gone: the copy has no others to activate", () => {
  expect(isolatedService({ profiles: ["debug"] })).not.toHaveProperty("profiles");
});

test("who refers to a container of the stack refers to its service in the copy, and starts after it", () => {
  const { model, warnings } = isolated({
    services: {
      db: { container_name: "the-db" },
      a: { network_mode: "container:the-db", volumes_from: ["container:the-db:ro"] },
      b: { external_links: ["the-db:database", "stranger"], links: ["a"] },
    },
  });
  expect(model.services["a"]).toMatchObject({
    network_mode: "service:db",
    volumes_from: ["db:ro"],
    depends_on: { db: { condition: "service_started" } },
  });
  expect(model.services["b"]).toMatchObject({
    external_links: ["stranger"],
    links: ["a", "db:database"],
    depends_on: { db: { condition: "service_started" } },
  });
  expect(warnings).toEqual([
    { service: "b", message: expect.stringContaining("refers to container stranger") },
  ]);
});

describe("what is shared with the host is said, once for each", () => {
  test.each<[string, ComposeService, string[]]>([
    ["its network", { network_mode: "host" }, ["shares the host's network"]],
    [
      "its pids",
      { pid: "host", ipc: "host" },
      ["shares the host's pid namespace", "shares the host's ipc namespace"],
    ],
    [
      "a folder",
      { volumes: [{ type: "bind", source: "/srv", target: "/srv" }] },
      ["writes to /srv of the host, as every other copy does"],
    ],
    [
      "a folder to read",
      { volumes: [{ type: "bind", source: "/srv", target: "/srv", read_only: true }] },
      [],
    ],
    ["a volume of its own", { volumes: [{ type: "volume", source: "data", target: "/srv" }] }, []],
    [
      "logs that nobody can read",
      { logging: { driver: "none" } },
      ["logs through json-file instead of none, whose logs nobody could read"],
    ],
    ["logs that can be read", { logging: { driver: "local" } }, []],
  ])("%s", (_case, service, messages) => {
    expect(isolatedService(service).warnings).toEqual(messages);
  });
});

test("the host is reachable by name when asked for", () => {
  const { extra_hosts: hosts } = isolatedService(
    { extra_hosts: ["a=1.2.3.4"] },
    { hostAccess: true },
  );
  expect(hosts).toEqual(["a=1.2.3.4", "host.docker.internal=host-gateway"]);
  expect(isolatedService({}, { hostAccess: false })).not.toHaveProperty("extra_hosts");
});

/** Ready is the moment at which a service serves: neither the engine's next look nor a lucky accept. */
import { once } from "node:events";
import { connect } from "node:net";
import { execa } from "execa";
import { Wait } from "testcontainers";
import { describe, expect, test } from "vitest";
import type { Environment } from "../src/environment.ts";
import type { EnvironmentOptions } from "../src/options.ts";
import { eventually, IMAGE, PEER_IMAGE, refusal, Scenario } from "./scenario.ts";

const POSTGRES_IMAGE = process.env["POSTGRES_IMAGE"] ?? "real-services/postgres:15";
const REDIS_IMAGE = process.env["REDIS_IMAGE"] ?? "real-services/redis:7";
const PATIENT_MS = 20_000;

/** The first thing that a server says to this. */
async function answerTo(words: string, port: number | undefined): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port: port ?? 0 });
  socket.write(words);
  const [answer] = await once(socket, "data");
  socket.destroy();
  return String(answer);
}

async function healthOf(id: string): Promise<string> {
  const { stdout } = await execa("docker", ["inspect", "-f", "{{.State.Health.Status}}", id]);
  return stdout;
}

/** Brings a stack up, hands it over, and sees to it that nothing is left. */
async function running(
  services: string,
  use: (scenario: Scenario, id: (service: string) => string) => Promise<void> | void,
  options: EnvironmentOptions = {},
): Promise<void> {
  await using scenario = new Scenario({ "compose.yaml": `services: {${services}}` });
  const manager = scenario.manager(options);
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  await use(scenario, (service) => environment.services[service]?.containers[0] ?? "");
  await manager.releaseEnvironment(environment.name);
  await scenario.expectNothingLeft();
}

test.concurrent("half a minute between two checks of the engine's is not waited for", async () => {
  await running(
    `db: { image: ${IMAGE}, command: [sleep, "600"], healthcheck: { test: [CMD-SHELL, "test -d /etc"] } }`,
    async (scenario, id) => {
      // The engine has not looked yet: its first look comes after one interval.
      expect(await healthOf(id("db"))).toBe("starting");
      const report = await scenario
        .manager()
        .getHealthReport({ environment: scenario.names()[0] ?? "" });
      expect(report.system).toBe("HEALTHY");
    },
  );
});

test.concurrent("the check runs as the engine would run it: as the container's user, in its folder, with its variables", async () => {
  await running(
    `db: { image: ${IMAGE}, user: "1234", working_dir: /var/tmp, environment: { WORD: "a b" }, command: [sleep, "600"],
      healthcheck: { test: [CMD-SHELL, 'test "$$(id -u) $$(pwd) $$WORD" = "1234 /var/tmp a b"'] } }`,
    async (_scenario, id) => {
      expect(await healthOf(id("db"))).toBe("starting");
    },
  );
});

test.concurrent("a check that passes once and then fails has passed; the report knows better later", async () => {
  await running(
    `db: { image: ${IMAGE}, command: [sleep, "600"], healthcheck: { test: [CMD-SHELL, "mkdir /tmp/once"], interval: 1s, retries: 1 } },
     api: { image: ${IMAGE}, command: [sleep, "600"], depends_on: { db: { condition: service_healthy } } }`,
    async (scenario) => {
      const [environment = ""] = scenario.names();
      await eventually(
        () => scenario.manager().getHealthReport({ environment }),
        ({ system }) => system === "UNHEALTHY",
      );
    },
  );
});

test.concurrent("a check that writes megabytes is read to its end and kept short", async () => {
  await running(
    `db: { image: ${IMAGE}, command: [sleep, "600"], healthcheck: { test: [CMD-SHELL, "yes 0123456789 | head -c 8000000"] } }`,
    async (_scenario, id) => {
      expect(await healthOf(id("db"))).toBe("starting");
    },
  );
});

test.concurrent("a check that hangs longer than its timeout fails by the user's own count", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { db: { image: ${IMAGE}, command: [sleep, "600"],
      healthcheck: { test: [CMD, sleep, "61"], interval: 1s, timeout: 1s, retries: 4 } } }`,
  });
  const manager = scenario.manager();
  const { name, services } = await manager.acquireEnvironment();
  const error = await refusal(manager.waitForServices(), 2 * PATIENT_MS);
  expect(error.code).toBe("REAL_SERVICES_SERVICE_UNHEALTHY");
  expect(error.postMortems[0]?.healthChecks.map(({ output }) => output)).toEqual([
    "The command did not end within 1 s.",
    "The command did not end within 1 s.",
    "3 earlier commands still hang, so it was not run again.",
  ]);
  // The engine cannot end them for us, so there are not as many as turns.
  const { stdout } = await execa("docker", ["top", services["db"]?.containers[0] ?? ""]);
  expect(stdout.match(/sleep 61/g)).toHaveLength(3);
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

test.concurrent("a paused container is not ready, and the time-out says that it is paused", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { db: { image: ${IMAGE}, command: [sleep, "600"],
      healthcheck: { test: [CMD-SHELL, "test -e /tmp/go"], interval: 1s, retries: 3 } } }`,
  });
  const manager = scenario.manager();
  const { name, services } = await manager.acquireEnvironment();
  await eventually(
    () => scenario.story("service:started"),
    ({ length }) => length === 1,
  );
  await execa("docker", ["pause", services["db"]?.containers[0] ?? ""]);
  const error = await refusal(manager.waitForServices({ timeoutMs: 3_000 }), PATIENT_MS);
  expect(error.code).toBe("REAL_SERVICES_TIMEOUT");
  expect(error.postMortems).toMatchObject([{ service: "db", reason: "timeout", state: "paused" }]);
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

test.concurrent("a service that ends and starts again and again is never ready, though it runs at each look", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { db: { image: ${IMAGE}, restart: always, command: [sh, -c, "sleep 0.3; exit 1"] } }`,
  });
  const manager = scenario.manager();
  const { name } = await manager.acquireEnvironment();
  await eventually(
    () => scenario.story("service:started"),
    ({ length }) => length > 0,
  );
  const error = await refusal(manager.waitForServices({ timeoutMs: 3_000 }), PATIENT_MS);
  expect(error.code).toBe("REAL_SERVICES_TIMEOUT");
  expect(error.postMortems[0]?.restartCount).toBeGreaterThan(0);
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

describe("a database whose init scripts run on a server of their own", () => {
  const database = (ports: string) => `
    db: { image: ${POSTGRES_IMAGE}, environment: { POSTGRES_PASSWORD: secret-word }, ${ports}
      volumes: ["./init.sql:/docker-entrypoint-initdb.d/init.sql:ro"],
      healthcheck: { test: [CMD-SHELL, "pg_isready -U postgres"], interval: 1s, retries: 60 } }`;

  test.concurrent.each([
    ["published", 'ports: ["5432"],'],
    ["not published", ""],
  ])("%s: ready is the real one", async (_case, ports) => {
    await using scenario = new Scenario({
      "compose.yaml": `services: {${database(ports)}}`,
      "init.sql":
        "create table word (it text); select pg_sleep(2); insert into word values ('late');",
    });
    const manager = scenario.manager();
    const { name, services } = await manager.acquireEnvironment();
    await manager.waitForServices();
    const { stdout } = await execa(
      "docker",
      [
        ...[
          "exec",
          services["db"]?.containers[0] ?? "",
          "psql",
          "-h",
          "127.0.0.1",
          "-U",
          "postgres",
        ],
        ...["-Atc", "select it from word"],
      ],
      { env: { PGPASSWORD: "secret-word" } },
    );
    expect(stdout).toBe("late");
    await manager.releaseEnvironment(name);
    await scenario.expectNothingLeft();
  });
});

test.concurrent("a database on another port, not published, is ready when its own check passes", async () => {
  await running(
    `db: { image: ${POSTGRES_IMAGE}, command: [postgres, -p, "5433"], environment: { POSTGRES_PASSWORD: secret-word },
      healthcheck: { test: [CMD-SHELL, "pg_isready -U postgres -p 5433"], interval: 1s, retries: 60 } }`,
    async (_scenario, id) => {
      await execa("docker", ["exec", id("db"), "pg_isready", "-p", "5433"]);
    },
  );
});

test.concurrent("without a check, what is published is ready when it speaks the protocol of its kind", async () => {
  // The engine's proxy accepts from the beginning.
  const late = (program: string) => `[sh, -c, "sleep 2; exec ${program}"]`;
  await using scenario = new Scenario({
    "compose.yaml": `services: {
      cache: { image: ${REDIS_IMAGE}, entrypoint: ${late("redis-server --protected-mode no")}, ports: ["6379"], healthcheck: { disable: true } },
      db: { image: ${POSTGRES_IMAGE}, environment: { POSTGRES_PASSWORD: secret-word }, ports: ["5432"], healthcheck: { test: [NONE] } } }`,
  });
  const manager = scenario.manager();
  const { name, services } = await manager.acquireEnvironment();
  await manager.waitForServices();
  expect(await answerTo("PING\r\n", services["cache"]?.port)).toBe("+PONG\r\n");
  await execa("docker", [
    ...["exec", services["db"]?.containers[0] ?? "", "pg_isready", "-h", "127.0.0.1"],
  ]);
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

describe("a wait strategy of testcontainers", () => {
  test.concurrent("replaces the check of the service it is given for", async () => {
    await running(
      `web: { image: ${PEER_IMAGE}, ports: ["8000"], healthcheck: { test: [CMD, "false"], interval: 60s } }`,
      async (_scenario, id) => {
        expect(await healthOf(id("web"))).toBe("starting");
      },
      { waitFor: { web: Wait.forHttp("/", 8000) } },
    );
  });

  test.concurrent("that gives up ends the wait with its own words", async () => {
    await using scenario = new Scenario({
      "compose.yaml": `services: { web: { image: ${IMAGE}, command: [sleep, "600"] } }`,
    });
    const strategy = Wait.forLogMessage("never said").withStartupTimeout(500);
    const manager = scenario.manager({ waitFor: { web: strategy } });
    const { name } = await manager.acquireEnvironment();
    const error = await refusal(manager.waitForServices(), PATIENT_MS);
    expect(error.code).toBe("REAL_SERVICES_SERVICE_UNHEALTHY");
    expect(error.postMortems[0]?.engineError).toContain("never said");
    await manager.releaseEnvironment(name);
    await scenario.expectNothingLeft();
  });
});

describe("stop: graceful", () => {
  test.concurrent("each service ends by itself before what it depends on; one that does not is killed, and said so", async () => {
    await using scenario = new Scenario({
      "compose.yaml": `services: {
        db: { image: ${IMAGE}, command: [sh, -c, "trap 'date +%s%N >/out/db; exit 0' TERM; while :; do sleep 0.1; done"], volumes: ["./out:/out"] },
        api: { image: ${IMAGE}, command: [sh, -c, "trap 'date +%s%N >/out/api; exit 0' TERM; while :; do sleep 0.1; done"], volumes: ["./out:/out"], depends_on: [db] },
        deaf: { image: ${IMAGE}, command: [sh, -c, "trap '' TERM; while :; do sleep 0.1; done"], stop_grace_period: 1s } }`,
      "out/.keep": "",
    });
    const manager = scenario.manager({ stop: "graceful" });
    const environment = await manager.acquireEnvironment();
    await manager.waitForServices();
    await manager.releaseEnvironment(environment.name);
    const [db = "", api = ""] = ["db", "api"].map((name) => scenario.read(`out/${name}`));
    expect(BigInt(api.trim())).toBeLessThan(BigInt(db.trim()));
    expect(scenario.events).toContainEqual(
      expect.objectContaining({ type: "service:force-killed", service: "deaf", graceMs: 1_000 }),
    );
    expect(scenario.story("service:force-killed")).toEqual(["service:force-killed deaf"]);
    expect(scenario.story("environment:state").slice(-2)).toEqual([
      "stopping → force-killed",
      "force-killed → stopped",
    ]);
    await scenario.expectNothingLeft();
  });

  test.concurrent("the release of one never waits for another's", async () => {
    await using scenario = new Scenario({
      "deaf.yaml": `services: { deaf: { image: ${IMAGE}, command: [sh, -c, "trap '' TERM; while :; do sleep 0.1; done"], stop_grace_period: 5s } }`,
      "plain.yaml": `services: { plain: { image: ${IMAGE}, command: [sleep, "600"] } }`,
    });
    const manager = scenario.manager();
    const deaf = await manager.acquireEnvironment({ compose: "deaf.yaml", stop: "graceful" });
    const plain = await manager.acquireEnvironment({ compose: "plain.yaml" });
    await manager.waitForServices();
    const order: string[] = [];
    const release = async ({ name }: Environment) => {
      await manager.releaseEnvironment(name);
      order.push(name);
    };
    await Promise.all([release(deaf), release(plain)]);
    expect(order).toEqual([plain.name, deaf.name]);
    await scenario.expectNothingLeft();
  });
});

test.concurrent("the report of a start tells where its time went", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: {
      db: { image: ${IMAGE}, command: [sleep, "600"], healthcheck: { test: [CMD-SHELL, "test -d /etc"] } },
      api: { image: ${IMAGE}, command: [sleep, "600"], depends_on: { db: { condition: service_healthy } } } }`,
  });
  const manager = scenario.manager();
  const { name } = await manager.acquireEnvironment();
  await manager.waitForServices();
  const [environment] = (await manager.getHealthReport()).environments;
  const { services = [], criticalPath } = environment?.startup ?? {};
  expect(criticalPath).toEqual(["db", "api"]);
  const [db, api] = ["db", "api"].map((one) => services.find((service) => service.name === one));
  expect(api?.waitedFor).toBe("db");
  const times = [
    db?.createdMs,
    db?.requestedMs,
    db?.startedMs,
    db?.readyMs,
    api?.requestedMs,
    api?.startedMs,
    api?.readyMs,
  ];
  expect(times).toEqual(times.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

/** Ready is the moment at which a service serves: neither the engine's next look nor a lucky accept. */
import { once } from "node:events";
import { connect } from "node:net";
import { execa } from "execa";
import { Wait } from "testcontainers";
import { describe, expect, test } from "vitest";
import { eventually, IMAGE, inspect, PEER_IMAGE, refusal, Scenario } from "./scenario.ts";

const POSTGRES_IMAGE = process.env["POSTGRES_IMAGE"] ?? "real-services/postgres:15";
const REDIS_IMAGE = process.env["REDIS_IMAGE"] ?? "real-services/redis:7";
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
const PATIENT_MS = 20_000;

/** The first thing that a server says to this. */
async function answerTo(words: string, port: number | undefined): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port: port ?? 0 });
  socket.write(words);
  const [answer] = await once(socket, "data");
  socket.destroy();
  return String(answer);
}

test.concurrent("the user's own check is run by us; nobody waits for the engine's next look", async () => {
  const sleeper = (check: string) =>
    `{ image: ${IMAGE}, command: [sleep, "600"], healthcheck: { ${check} } }`;
  await using scenario = new Scenario({
    "compose.yaml": `services: {
      calm: ${sleeper('test: [CMD-SHELL, "test -d /etc"], interval: 10m')},
      as-engine: { image: ${IMAGE}, user: "1234", working_dir: /var/tmp, environment: { WORD: "a b" }, command: [sleep, "600"],
        healthcheck: { test: [CMD-SHELL, 'test "$$(id -u) $$(pwd) $$WORD" = "1234 /var/tmp a b"'], interval: 10m } },
      longer-than-its-intervals: ${sleeper('test: [CMD-SHELL, "test -e /tmp/go || sleep 4"], interval: 1s, retries: 3, timeout: 10s')},
      once: ${sleeper('test: [CMD-SHELL, "mkdir /tmp/once"], interval: 1s, retries: 1')},
      after-once: { image: ${IMAGE}, command: [sleep, "600"], depends_on: { once: { condition: service_healthy } } },
      # Its strategy replaces its check.
      strategy: { image: ${PEER_IMAGE}, ports: ["8000"], healthcheck: { test: [CMD, "false"], interval: 10m } },
      # Without a check, though the engine's proxy accepts from the beginning.
      greeting: { image: ${REDIS_IMAGE}, entrypoint: [sh, -c, "sleep 2; exec redis-server --protected-mode no"], ports: ["6379"], healthcheck: { disable: true } } }`,
  });
  const manager = scenario.manager({ waitFor: { strategy: Wait.forHttp("/", 8000) } });
  const { name, services } = await manager.acquireEnvironment();
  await manager.waitForServices();
  expect(await answerTo("PING\r\n", services["greeting"]?.port)).toBe("+PONG\r\n");
  for (const service of ["calm", "as-engine", "strategy"]) {
    // The engine's first look comes after one interval.
    expect(await inspect(services[service]?.containers[0] ?? "", ".State.Health.Status")).toBe(
      "starting",
    );
  }
  const slow = services["longer-than-its-intervals"]?.containers[0] ?? "";
  await execa("docker", ["exec", slow, "touch", "/tmp/go"]);
  // Whoever asks later has the check run again.
  const healths = async () => {
    const report = await scenario.manager().getHealthReport({ environment: name });
    return Object.fromEntries(
      report.environments.flatMap((one) => one.services.map((it) => [it.name, it.health])),
    );
  };
  const seen = await eventually(healths, ({ once }) => once === "UNHEALTHY");
  expect(seen).toMatchObject({ calm: "HEALTHY", "as-engine": "HEALTHY" });
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

test.concurrent("a check that hangs longer than its timeout fails by the user's own count", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { db: { image: ${IMAGE}, command: [sleep, "600"],
      healthcheck: { test: [CMD, sleep, "61"], interval: 1s, timeout: 1s, retries: 5 } } }`,
  });
  const manager = scenario.manager();
  const { name, services } = await manager.acquireEnvironment();
  const error = await refusal(manager.waitForServices(), 2 * PATIENT_MS);
  expect(error.code).toBe("REAL_SERVICES_SERVICE_UNHEALTHY");
  expect(error.postMortems[0]?.healthChecks.map(({ output }) => output)).toEqual([
    "The command did not end within 1 s.",
    "3 earlier commands still hang, so it was not run again.",
    "3 earlier commands still hang, so it was not run again.",
  ]);
  // The engine cannot end them for us, so there are not as many as turns; one may be its own.
  const { stdout } = await execa("docker", ["top", services["db"]?.containers[0] ?? ""]);
  expect([3, 4]).toContain(stdout.match(/sleep 61/g)?.length);
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

const CHECK = (rest = "") =>
  `healthcheck: { test: [CMD-SHELL, "pg_isready -U postgres ${rest}"], interval: 1s, retries: 60 }`;
/** Where no port tells, more has to be found out. */
const DATABASES: readonly (readonly [string, string, number])[] = [
  ["not published", CHECK(), 5_432],
  ["published", `ports: ["5432"], ${CHECK()}`, 5_432],
  ["on another port, not published", `command: [postgres, -p, "5433"], ${CHECK("-p 5433")}`, 5_433],
  ["published, without a check", 'ports: ["5432"], healthcheck: { test: [NONE] }', 5_432],
];

test.concurrent.each(IS_SOAK ? DATABASES : DATABASES.slice(0, 1))(
  "a database whose init scripts run on a server of their own, %s: ready is the real one",
  async (_case, fields, port) => {
    await using scenario = new Scenario({
      "compose.yaml": `services: { db: { image: ${POSTGRES_IMAGE}, environment: { POSTGRES_PASSWORD: secret-word },
      volumes: ["./init.sql:/docker-entrypoint-initdb.d/init.sql:ro"], ${fields} } }`,
      "init.sql":
        "create table word (it text); select pg_sleep(2); insert into word values ('late');",
    });
    const manager = scenario.manager();
    const { name, services } = await manager.acquireEnvironment();
    await manager.waitForServices();
    const { stdout } = await execa("docker", [
      ...["exec", "-e", "PGPASSWORD=secret-word", services["db"]?.containers[0] ?? "", "psql"],
      ...["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", "-Atc", "select it from word"],
    ]);
    expect(stdout).toBe("late");
    await manager.releaseEnvironment(name);
    await scenario.expectNothingLeft();
  },
);

test.concurrent("a wait strategy of testcontainers that gives up ends the wait with its own words", async () => {
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
      "slow.yaml": `services: { slow: { image: ${IMAGE}, command: [sh, -c, "trap '' TERM; until [ -e /out/go ]; do sleep 0.1; done"], volumes: ["./out:/out"], stop_grace_period: 1m } }`,
      "plain.yaml": `services: { plain: { image: ${IMAGE}, command: [sleep, "600"] } }`,
      "out/.keep": "",
    });
    const manager = scenario.manager();
    const slow = await manager.acquireEnvironment({ compose: "slow.yaml", stop: "graceful" });
    const plain = await manager.acquireEnvironment({ compose: "plain.yaml" });
    await manager.waitForServices();
    const slowly = manager.releaseEnvironment(slow.name);
    await manager.releaseEnvironment(plain.name);
    expect(slow.state).toBe("stopping");
    scenario.write("out/go", "");
    await slowly;
    await scenario.expectNothingLeft();
  });
});

/**
 * A service that cannot become ready ends the wait, with a post-mortem, and leaves nothing. Nearly
 * all of it is waiting, so the tests run side by side.
 */
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { readSlice } from "../src/logs/read-slice.ts";
import { eventually, IMAGE, inspect, refusal, Scenario } from "./scenario.ts";

const POSTGRES_IMAGE = process.env["POSTGRES_IMAGE"] ?? "real-services/postgres:15";
const service = (rest: string) => `{ image: ${IMAGE}, ${rest} }`;
const SLEEPER = service('command: [sleep, "600"]');
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";

/** What a failure may take that has a time of its own to wait for. */
const PATIENT_MS = 20_000;

const WHOLE = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

interface FailureOptions {
  /** Once all of them run: what comes before is up to the machine. */
  readonly prepare?: (idOf: (service: string) => string, scenario: Scenario) => Promise<void>;
  readonly timeoutMs?: number;
  readonly withinMs?: number;
}

/** Acquires, waits for the failure, releases; returns the failure and how long the wait for it took. */
async function failure(services: string, { prepare, timeoutMs, withinMs }: FailureOptions = {}) {
  await using scenario = new Scenario({ "compose.yaml": `services: {${services}}` });
  // It counts from the call of `waitForServices`.
  const manager = scenario.manager(timeoutMs === undefined ? {} : { timeoutMs });
  const environment = await manager.acquireEnvironment();
  if (prepare !== undefined) {
    await eventually(
      () => new Set(scenario.story("service:started")).size,
      (started) => started === Object.keys(environment.services).length,
    );
    await prepare((service) => environment.services[service]?.containers[0] ?? "", scenario);
  }
  const began = performance.now();
  const error = await refusal(manager.waitForServices(), withinMs);
  const durationMs = performance.now() - began;
  expect(environment.state).toBe(error.code === "REAL_SERVICES_TIMEOUT" ? "starting" : "failed");
  const failed = scenario.events.flatMap((event) =>
    event.type === "service:failed" ? [event.postMortem] : [],
  );
  if (error.code !== "REAL_SERVICES_TIMEOUT") expect(failed).toEqual(error.postMortems);
  const { services: slices } = await readSlice(environment.logFolder ?? "", WHOLE);
  const told = slices.flatMap(({ service: name, events }) =>
    events.map(({ text }) => `${name} ${text}`),
  );
  await manager.releaseEnvironment(environment.name);
  expect(environment.state).toBe("stopped");
  await scenario.expectNothingLeft();
  return { error, durationMs, scenario, told };
}

test.concurrent("a service that exits at once: its exit code, its last lines without its secrets, and who waited for it", async () => {
  const { error } = await failure(`
    db: ${service("environment: { DB_PASSWORD: correct-horse }, command: [sh, -c, 'seq 1 30; echo login with $$DB_PASSWORD; exit 3']")},
    api: ${service("depends_on: { db: { condition: service_healthy } }")},
    web: ${service("depends_on: [api]")},
    other: ${SLEEPER}
  `);
  expect(error.code).toBe("REAL_SERVICES_SERVICE_EXITED");
  expect(error.message).toContain("“db”");
  expect(error.received).toEqual([IMAGE]);
  expect(error.postMortems).toMatchObject([
    {
      service: "db",
      reason: "exited",
      image: IMAGE,
      exitCode: 3,
      oomKilled: false,
      restartCount: 0,
      engineError: null,
      waitedForBy: ["api", "web"],
    },
  ]);
  const lines = error.postMortems[0]?.logLines ?? [];
  expect(lines).toHaveLength(20);
  expect(lines.at(-1)).toBe("login with *****");
});

test.concurrent("when the user's own time is over, each that is pending says why", async () => {
  const timeoutMs = 7_000;
  const { error, durationMs } = await failure(
    `ok: ${SLEEPER},
    sick: ${service('command: [sleep, "600"], healthcheck: { test: [CMD, "false"] }')},
    closed: ${service('command: [sleep, "600"], ports: ["3000", "4000/udp"]')},
    # It may still recover, though it runs at many a look.
    crashing: ${service("restart: always, command: [sh, -c, 'echo no luck; sleep 0.1; exit 4']")},
    # Paused, it fails no check: its third turn would be over before the time is.
    paused: ${service('command: [sleep, "600"], healthcheck: { test: [CMD, "false"], interval: 2s, retries: 3 }, depends_on: [sick, closed, crashing]')}`,
    {
      prepare: async (idOf, scenario) => {
        await execa("docker", ["pause", idOf("paused")]);
        await eventually(
          () => inspect(idOf("crashing"), ".RestartCount"),
          (count) => Number(count) > 0,
        );
        await eventually(
          () => scenario.story("service:ready"),
          (ready) => ready.includes("service:ready ok"),
        );
      },
      timeoutMs,
      withinMs: PATIENT_MS,
    },
  );
  expect(error.code).toBe("REAL_SERVICES_TIMEOUT");
  expect(error.received).toBe(timeoutMs);
  expect(durationMs).toBeGreaterThanOrEqual(timeoutMs - 10);
  const names = error.postMortems.map(({ service: name }) => name);
  expect(names.toSorted()).toEqual(["closed", "crashing", "paused", "sick"]);
  for (const name of names) expect(error.message).toContain(`“${name}”`);
  expect(error.message).not.toContain("“ok”");
  const told = (name: string) => error.postMortems.find((one) => one.service === name);
  expect(told("sick")).toMatchObject({ reason: "timeout", state: "running" });
  expect(told("closed")).toMatchObject({ reason: "timeout", closedPorts: [3_000] });
  expect(told("paused")).toMatchObject({ reason: "timeout", state: "paused" });
  expect(told("crashing")).toMatchObject({ reason: "timeout", exitCode: 4 });
  expect(told("crashing")?.restartCount).toBeGreaterThan(0);
  expect(told("crashing")?.logLines).toContain("no luck");
});

const ENDS_WELL: readonly (readonly [string, string, readonly string[]])[] = [
  ["was to stay up", "restart: always", []],
  ["publishes a port", 'ports: ["3000"]', []],
  ["has a health check", "healthcheck: { test: [CMD, 'false'], interval: 1s }", []],
  [
    "has one that is waited for",
    "healthcheck: { test: [CMD, 'false'], interval: 1s }",
    ["service_healthy"],
  ],
];

test.concurrent.each(IS_SOAK ? ENDS_WELL : ENDS_WELL.slice(0, 2))(
  "one that %s has not done its work: with exit code 0 it has died as well",
  async (_case, rest, conditions) => {
    const waiting = conditions.map(
      (condition) => `, api: ${service(`depends_on: { db: { condition: ${condition} } }`)}`,
    );
    const { error } = await failure(
      `db: ${service(`command: ['true'], ${rest}`)}, ok: ${SLEEPER}${waiting.join("")}`,
    );
    expect(error.code).toBe("REAL_SERVICES_SERVICE_EXITED");
    expect(error.postMortems).toMatchObject([
      { service: "db", reason: "exited", exitCode: 0, waitedForBy: waiting.map(() => "api") },
    ]);
  },
);

test.concurrent("one-shot work whose end is waited for fails with its exit code", async () => {
  const { error } = await failure(`
    migrate: ${service("command: [sh, -c, 'sleep 1; echo no such table; exit 1']")},
    api: ${service("depends_on: { migrate: { condition: service_completed_successfully } }")}
  `);
  expect(error.code).toBe("REAL_SERVICES_SERVICE_EXITED");
  expect(error.postMortems).toMatchObject([
    { service: "migrate", exitCode: 1, logLines: ["no such table"], waitedForBy: ["api"] },
  ]);
});

test.concurrent("what nothing requires may fail: the others start without it, unless it was named", async () => {
  const optional = (condition: string) => `{ condition: ${condition}, required: false }`;
  await using scenario = new Scenario({
    "compose.yaml": `services: {
      exits: ${service("command: [sh, -c, 'echo no licence; exit 5']")},
      sick: ${service('command: [sleep, "600"], healthcheck: { test: [CMD-SHELL, "yes 0123456789 | head -c 8000000; exit 1"], interval: 1s, retries: 1 }')},
      api: ${service(`command: [sleep, "600"], depends_on: { exits: ${optional("service_healthy")}, sick: ${optional("service_healthy")} }`)}
    }`,
  });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  expect(environment.state).toBe("running");
  const outcomes = scenario.story("service:failed", "warning", "service:ready");
  expect(outcomes.toSorted()).toEqual([
    "service:failed exits",
    "service:failed sick",
    "service:ready api",
    "warning exits",
    "warning sick",
  ]);
  expect(scenario.events).toContainEqual(
    expect.objectContaining({
      type: "service:failed",
      service: "exits",
      postMortem: expect.objectContaining({ exitCode: 5, logLines: ["no licence"] }),
    }),
  );
  const [sick] = scenario.events.flatMap((event) =>
    event.type === "service:failed" && event.service === "sick" ? [event.postMortem] : [],
  );
  // What a check writes is read to its end, and shortened, even where it writes megabytes.
  const { exitCode, output = "" } = sick?.healthChecks.at(-1) ?? {};
  expect(exitCode).toBe(1);
  expect(output).toMatch(/^(0123456789\n)+[0-9]*…$/);
  expect(output.length).toBeLessThan(1_000);
  await manager.releaseEnvironment(environment.name);

  const named = scenario.manager({ services: ["api", "exits"] });
  const { name } = await named.acquireEnvironment();
  const error = await refusal(named.waitForServices(), PATIENT_MS);
  expect(error.postMortems).toMatchObject([{ service: "exits", exitCode: 5 }]);
  await named.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

describe("a service that never becomes healthy", () => {
  const check = (test: string, rest = "") =>
    service(
      `command: [sleep, "600"], healthcheck: { test: [CMD-SHELL, "${test}"], interval: 1s, retries: 3 ${rest} }`,
    );

  test.concurrent("the verdict comes when the user's own rhythm would have given it", async () => {
    const { error, scenario, told } = await failure(
      `db: ${check("echo still loading; exit 1")},
      api: ${service("depends_on: { db: { condition: service_healthy } }")}`,
      { withinMs: PATIENT_MS },
    );
    expect(error.code).toBe("REAL_SERVICES_SERVICE_UNHEALTHY");
    // Three failures, each a second after the one before; a busy engine takes its time for each.
    const verdictMs = scenario.between("db", "service:started", "service:failed");
    expect(verdictMs).toBeGreaterThan(2_900);
    expect(error.postMortems).toMatchObject([
      { service: "db", reason: "unhealthy", exitCode: null, waitedForBy: ["api"] },
    ]);
    expect(error.postMortems[0]?.healthChecks.at(-1)).toEqual({
      exitCode: 1,
      output: "still loading",
    });
    expect(told).toEqual(["db was started", "db became unhealthy"]);
  });

  test.concurrent("the verdict comes as well for a database whose port is all that is looked at", async () => {
    const { error, scenario } = await failure(
      `db: { image: ${POSTGRES_IMAGE}, entrypoint: [sleep, "600"], ports: ["5432"],
        healthcheck: { test: [CMD-SHELL, "echo no server; exit 1"], interval: 1s, retries: 4 } }`,
      { withinMs: PATIENT_MS },
    );
    expect(error.code).toBe("REAL_SERVICES_SERVICE_UNHEALTHY");
    expect(scenario.between("db", "service:started", "service:failed")).toBeGreaterThan(3_900);
    const [postMortem] = error.postMortems;
    expect(postMortem?.healthChecks.at(-1)).toEqual({ exitCode: 1, output: "no server" });
  });
});

test.concurrent("a container that the engine cannot start: the engine's own words", async () => {
  const { error } = await failure(`db: ${service("command: [/no/such/program]")}`);
  expect(error.code).toBe("REAL_SERVICES_SERVICE_EXITED");
  expect(error.postMortems).toMatchObject([
    { service: "db", reason: "not-started", exitCode: null },
  ]);
  expect(error.postMortems[0]?.engineError).toContain("/no/such/program");
});

// The engine's runtime begins to watch memory only after the start: what runs out before is never told.
const WATCHED = "until [ -e /tmp/watched ]; do sleep 0.1; done;";
const OUT_OF_MEMORY: readonly (readonly [string, string, object])[] = [
  [
    "not guessed from 137",
    "exec perl -e 'my $$x = q(x) x 200_000_000; sleep 9'",
    { exitCode: 137, signal: "SIGKILL" },
  ],
  [
    "where a child was killed and the main process ended by itself",
    "perl -e 'my @all; push @all, q(x) x 1e6 for 1..1000'; sleep 1; exit 5",
    { exitCode: 5, signal: null },
  ],
];

test.concurrent.each(IS_SOAK ? OUT_OF_MEMORY : OUT_OF_MEMORY.slice(0, 1))(
  "out of memory is told by the engine's flag, %s",
  async (_case, command, told) => {
    const { error } = await failure(
      `hog: ${service(`mem_limit: 32m, memswap_limit: 32m, healthcheck: { test: [CMD, "false"] }, command: [sh, -c, "${WATCHED} ${command}"]`)}`,
      {
        prepare: async (idOf) => {
          await execa("docker", ["exec", idOf("hog"), "touch", "/tmp/watched"]);
        },
      },
    );
    expect(error.postMortems).toMatchObject([{ service: "hog", ...told, oomKilled: true }]);
  },
);

const FOREIGN_HANDS: readonly (readonly [string, readonly string[], object])[] = [
  // Its end may be seen before it is gone.
  ["removes", ["rm", "-f"], {}],
  ["kills", ["kill"], { reason: "exited", exitCode: 137, signal: "SIGKILL", oomKilled: false }],
];

test.concurrent.each(IS_SOAK ? FOREIGN_HANDS : FOREIGN_HANDS.slice(0, 1))(
  "a container that somebody else %s while it is waited for ends the wait",
  async (_does, command, told) => {
    await using scenario = new Scenario({
      "compose.yaml": `services: { db: ${service('command: [sleep, "600"], healthcheck: { test: [CMD, "false"], interval: 30s }')} }`,
    });
    const manager = scenario.manager();
    const { name, services } = await manager.acquireEnvironment();
    await eventually(
      () => scenario.story("service:started"),
      (started) => started.length === 1,
    );
    const [error] = await Promise.all([
      refusal(manager.waitForServices()),
      execa("docker", [...command, services["db"]?.containers[0] ?? ""]),
    ]);
    expect(error.code).toBe("REAL_SERVICES_SERVICE_EXITED");
    expect(error.postMortems).toMatchObject([{ service: "db", ...told }]);
    await manager.releaseEnvironment(name);
    await scenario.expectNothingLeft();
  },
);

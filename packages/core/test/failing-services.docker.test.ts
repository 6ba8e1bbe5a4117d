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

/** Containers whose check fails, of the engine's alone. */
class EngineVerdicts implements AsyncDisposable {
  readonly #ids: string[] = [];

  async run({ retries }: { retries: number }): Promise<string> {
    const { stdout: id } = await execa("docker", [
      ...["run", "-d", "--health-cmd", "exit 1", "--health-interval", "1s"],
      ...["--health-start-period", "4s", "--health-start-interval", "1s"],
      ...["--health-retries", String(retries), IMAGE, "sleep", "600"],
    ]);
    this.#ids.push(id);
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await execa("docker", ["rm", "-f", ...this.#ids]);
  }
}

/** What a failure may take that has a time of its own to wait for. */
const PATIENT_MS = 20_000;

const WHOLE = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

interface FailureOptions {
  /** Counted from when all of them run: what comes before is up to the machine. */
  readonly timeoutMs?: number;
  readonly withinMs?: number;
}

/** Acquires, waits for the failure, releases; returns the failure and how long the wait for it took. */
async function failure(services: string, { timeoutMs, withinMs }: FailureOptions = {}) {
  await using scenario = new Scenario({ "compose.yaml": `services: {${services}}` });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  if (timeoutMs !== undefined) {
    await eventually(
      () => new Set(scenario.story("service:started")).size,
      (started) => started === Object.keys(environment.services).length,
    );
  }
  const began = performance.now();
  const error = await refusal(
    manager.waitForServices(timeoutMs === undefined ? {} : { timeoutMs }),
    withinMs,
  );
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

test.concurrent("a service that exits at once: its exit code, its last lines, and who waited for it", async () => {
  const { error } = await failure(`
    db: ${service("command: [sh, -c, 'seq 1 30; echo cannot open /data; exit 3']")},
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
  expect(lines.at(-1)).toBe("cannot open /data");
});

test.concurrent("with restart: always it may still recover, until the user's own timeout", async () => {
  const timeoutMs = 4_000;
  const { error, durationMs } = await failure(
    `db: ${service("restart: always, command: [sh, -c, 'echo no luck; exit 4']")}`,
    { timeoutMs, withinMs: PATIENT_MS },
  );
  expect(error.code).toBe("REAL_SERVICES_TIMEOUT");
  expect(durationMs).toBeGreaterThanOrEqual(timeoutMs - 10);
  expect(error.received).toBe(timeoutMs);
  const [postMortem] = error.postMortems;
  expect(postMortem?.restartCount).toBeGreaterThan(0);
  expect(postMortem?.exitCode).toBe(4);
  expect(postMortem?.logLines).toContain("no luck");
});

test.concurrent("one that was to stay up and ends well has not done its work", async () => {
  const { error } = await failure(`db: ${service("restart: always, command: [sh, -c, 'exit 0']")}`);
  expect(error.code).toBe("REAL_SERVICES_SERVICE_EXITED");
  expect(error.postMortems).toMatchObject([{ service: "db", exitCode: 0 }]);
});

test.concurrent.each([
  ["publishes a port", 'ports: ["3000"]'],
  ["has a health check", "healthcheck: { test: [CMD, 'false'], interval: 1s }"],
])(
  "one that %s is there to be asked: with exit code 0 it has died as well",
  async (_case, rest) => {
    const { error } = await failure(`db: ${service(`command: ['true'], ${rest}`)}, ok: ${SLEEPER}`);
    expect(error.code).toBe("REAL_SERVICES_SERVICE_EXITED");
    expect(error.postMortems).toMatchObject([{ service: "db", reason: "exited", exitCode: 0 }]);
  },
);

test.concurrent("one whose health was waited for and that ends well has not done its work either", async () => {
  const { error } = await failure(`
    db: ${service("command: ['true'], healthcheck: { test: [CMD, 'false'], interval: 1s }")},
    api: ${service("depends_on: { db: { condition: service_healthy } }")}
  `);
  expect(error.code).toBe("REAL_SERVICES_SERVICE_EXITED");
  expect(error.postMortems).toMatchObject([{ service: "db", exitCode: 0, waitedForBy: ["api"] }]);
});

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
      sick: ${service('command: [sleep, "600"], healthcheck: { test: [CMD, "false"], interval: 1s, retries: 1 }')},
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

  test.concurrent("what a check writes is shortened, even where it writes megabytes", async () => {
    const { error } = await failure(
      `db: ${check("yes 0123456789 | head -c 8000000; exit 1").replace("retries: 3", "retries: 1")}`,
      { withinMs: PATIENT_MS },
    );
    const { exitCode, output = "" } = error.postMortems[0]?.healthChecks.at(-1) ?? {};
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^(0123456789\n)+[0-9]*…$/);
    expect(output.length).toBeLessThan(1_000);
  });

  test.concurrent("with a start period, the verdict comes between those of the engine's own", async () => {
    await using engines = new EngineVerdicts();
    await using scenario = new Scenario({
      "compose.yaml": `services: { db: ${check("exit 1").replace("retries: 3", "retries: 2, start_period: 4s")} }`,
    });
    const manager = scenario.manager();
    // It is ahead by the time that creating takes.
    const earlier = await engines.run({ retries: 2 });
    const { name } = await manager.acquireEnvironment();
    const failing = refusal(manager.waitForServices(), PATIENT_MS);
    await eventually(
      () => scenario.story("service:started"),
      ({ length }) => length === 1,
    );
    // It is behind, and more patient.
    const later = await engines.run({ retries: 6 });
    expect((await failing).code).toBe("REAL_SERVICES_SERVICE_UNHEALTHY");
    expect(await inspect(earlier, ".State.Health.Status")).toBe("unhealthy");
    expect(await inspect(later, ".State.Health.Status")).toBe("starting");
    await manager.releaseEnvironment(name);
    await scenario.expectNothingLeft();
  });

  test.concurrent("a check that takes longer than all its intervals may still pass", async () => {
    await using scenario = new Scenario({
      "compose.yaml": `services: { db: ${check("sleep 4", ", timeout: 10s")} }`,
    });
    const manager = scenario.manager();
    const { name } = await manager.acquireEnvironment();
    await manager.waitForServices();
    await manager.releaseEnvironment(name);
    await scenario.expectNothingLeft();
  });

  test.concurrent("a shorter timeout of the user's ends the wait, and says what was pending", async () => {
    const timeoutMs = 4_000;
    const { error } = await failure(
      `db: ${service('command: [sleep, "600"], healthcheck: { test: [CMD, "false"] }')}, ok: ${SLEEPER}`,
      { timeoutMs, withinMs: PATIENT_MS },
    );
    expect(error.code).toBe("REAL_SERVICES_TIMEOUT");
    expect(error.message).toContain("“db”");
    expect(error.message).not.toContain("“ok”");
    expect(error.postMortems).toMatchObject([{ service: "db", reason: "timeout" }]);
  });
});

test.concurrent("a port at which nothing ever answers is named when the time is over", async () => {
  const { error } = await failure(
    `web: ${service('command: [sleep, "600"], ports: ["3000", "4000/udp"]')}`,
    { timeoutMs: 2_000, withinMs: PATIENT_MS },
  );
  expect(error.code).toBe("REAL_SERVICES_TIMEOUT");
  expect(error.postMortems).toMatchObject([{ service: "web", closedPorts: [3_000] }]);
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
const WATCHED = "sleep 0.5;";

test.concurrent("out of memory is told by the engine's flag, not guessed from 137", async () => {
  const { error } = await failure(`
    hog: ${service(`mem_limit: 32m, memswap_limit: 32m, healthcheck: { test: [CMD, "false"] }, command: [sh, -c, "${WATCHED} exec perl -e 'my $$x = q(x) x 200_000_000; sleep 9'"]`)}
  `);
  expect(error.postMortems).toMatchObject([
    { service: "hog", exitCode: 137, signal: "SIGKILL", oomKilled: true },
  ]);
});

test.concurrent("out of memory is told as well where a child was killed, and the main process ended by itself", async () => {
  const { error } = await failure(`
    parent: ${service(`mem_limit: 32m, memswap_limit: 32m, healthcheck: { test: [CMD, "false"] }, command: [sh, -c, "${WATCHED} perl -e 'my @all; push @all, q(x) x 1e6 for 1..1000'; sleep 1; exit 5"]`)}
  `);
  expect(error.postMortems).toMatchObject([
    { service: "parent", exitCode: 5, signal: null, oomKilled: true },
  ]);
});

test.concurrent("secrets are masked in the post-mortem", async () => {
  const { error } = await failure(`
    db: ${service("environment: { DB_PASSWORD: correct-horse }, command: [sh, -c, 'echo login with $$DB_PASSWORD; exit 1']")}
  `);
  expect(error.postMortems[0]?.logLines).toEqual(["login with *****"]);
});

test.concurrent.each([
  // Its end may be seen before it is gone.
  ["removes", ["rm", "-f"], {}],
  ["kills", ["kill"], { reason: "exited", exitCode: 137, signal: "SIGKILL", oomKilled: false }],
])(
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

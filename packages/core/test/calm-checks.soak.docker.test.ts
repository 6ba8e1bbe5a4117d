/** What the engine makes of a check that is calm while its service starts; it takes half a minute to see. */
import { execa } from "execa";
import { expect, test } from "vitest";
import { readSlice } from "../src/logs/read-slice.ts";
import { eventually, IMAGE, inspect, refusal, Scenario } from "./scenario.ts";

const CALM_MS = 30_000;
const PATIENT_MS = 60_000;

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

async function stateOf(id: string) {
  const { stdout } = await execa("docker", ["inspect", "-f", "{{json .State}}", id]);
  return JSON.parse(stdout);
}

test.concurrent("the engine looks first after half a minute, then in the user's own rhythm", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { db: { image: ${IMAGE}, command: [sleep, "600"], healthcheck: { test: [CMD, "true"], interval: 1s } } }`,
  });
  const manager = scenario.manager();
  const { name, services, logFolder } = await manager.acquireEnvironment();
  await manager.waitForServices();
  const readyMs = Date.now();
  const id = services["db"]?.containers[0] ?? "";
  const looks = async () => {
    const { StartedAt, Health } = await stateOf(id);
    const begins: number[] = Health.Log.map(({ Start }: { Start: string }) => Date.parse(Start));
    return begins.map((begin) => begin - Date.parse(StartedAt));
  };
  const [first = 0, second = 0] = await eventually(looks, ({ length }) => length > 1, PATIENT_MS);
  expect(first).toBeGreaterThanOrEqual(CALM_MS);
  expect(second - first).toBeLessThan(CALM_MS / 2);
  expect((await stateOf(id)).Health.Status).toBe("healthy");
  const slice = await readSlice(logFolder ?? "", { fromMs: 0, toMs: Date.now() });
  const events = slice.services.flatMap((service) => service.events);
  // As it was when we saw it, and not again half a minute later.
  expect(events.map(({ text }) => text)).toEqual(["was started", "became healthy"]);
  expect(events[1]?.timeMs).toBeLessThanOrEqual(readyMs);
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
});

test.concurrent("with a start period, the verdict comes between those of the engine's own", async () => {
  await using engines = new EngineVerdicts();
  await using scenario = new Scenario({
    "compose.yaml": `services: { db: { image: ${IMAGE}, command: [sleep, "600"],
      healthcheck: { test: [CMD-SHELL, "exit 1"], interval: 1s, retries: 2, start_period: 4s } } }`,
  });
  const manager = scenario.manager();
  // It is ahead by the time that creating takes.
  const earlier = await engines.run({ retries: 2 });
  const { name } = await manager.acquireEnvironment();
  const failing = refusal(manager.waitForServices());
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

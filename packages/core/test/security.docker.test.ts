/** Names and values are data, whatever they look like; secrets stay secret; nothing is open to others. */
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { Owner } from "./owner.ts";
import { eventually, IMAGE, inspect, PEER_IMAGE, refusal, Scenario } from "./scenario.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Whatever takes it for more than a name makes a file `pwned`. */
const HOSTILE = "a b; touch pwned; $(touch pwned) `touch pwned` & 'x\" | touch pwned #";
/** Compose takes them all for names of services. */
const SERVICES = ["-rf", "--help", "..", ".hidden", "CON"];

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" });
}

test("folders, values and services that look like commands, flags and paths", async () => {
  await using scenario = new Scenario({});
  const cwd = join(scenario.folder, HOSTILE);
  mkdirSync(cwd);
  const service = `{ image: ${IMAGE}, command: [sleep, "600"], stop_grace_period: 0s, environment: { VALUE: "\${VALUE}" } }`;
  scenario.write(
    join(HOSTILE, "compose.yaml"),
    `services: { ${SERVICES.map((name) => `"${name}": ${service}`).join(", ")} }`,
  );
  vi.stubEnv("REAL_SERVICES_STATE_DIR", join(cwd, "state"));
  const manager = scenario.manager({ cwd, env: { VALUE: HOSTILE } });
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  expect(Object.keys(environment.services).sort()).toEqual([...SERVICES].sort());
  const [id = ""] = environment.services["-rf"]?.containers ?? [];
  expect(await inspect(id, "json .Config.Env")).toContain(JSON.stringify(HOSTILE).slice(1, -1));
  await manager.restartService("--help");
  await manager.releaseEnvironment(environment.name);
  await scenario.expectNothingLeft();
  expect(filesBelow(scenario.folder).filter((file) => file.endsWith("pwned"))).toEqual([]);
});

test("a watchdog from a hostile folder", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { web: { image: ${IMAGE}, command: [sleep, "600"] } }`,
  });
  const state = join(scenario.folder, HOSTILE);
  await using owner = new Owner(scenario, "hold", { REAL_SERVICES_STATE_DIR: state });
  const name = await owner.says("ready");
  owner.kill("SIGKILL");
  await owner.watchdogEnds();
  await scenario.expectNothingLeft();
  expect(readdirSync(join(state, "environments"))).toEqual([name]);
  expect(filesBelow(scenario.folder).filter((file) => file.endsWith("pwned"))).toEqual([]);
});

test("ports are on loopback, the engine's socket is in no container, files are their user's alone", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { web: { image: ${PEER_IMAGE}, ports: ["8000", "18123:9000", "0.0.0.0:18124:9001"], command: [peer, "8000", "9000", "9001"] } }`,
  });
  const state = join(scenario.folder, "state");
  vi.stubEnv("REAL_SERVICES_STATE_DIR", state);
  const manager = scenario.manager();
  const { name, services } = await manager.acquireEnvironment();
  await manager.waitForServices();
  const [id = ""] = services["web"]?.containers ?? [];
  const ports: Record<string, { HostIp: string }[]> = JSON.parse(
    await inspect(id, "json .NetworkSettings.Ports"),
  );
  const addresses = Object.values(ports).flatMap((bindings) =>
    bindings.map(({ HostIp }) => HostIp),
  );
  expect(addresses).toEqual(["127.0.0.1", "127.0.0.1", "127.0.0.1"]);
  expect(await inspect(id, "json .Mounts")).not.toContain("docker.sock");
  for (const path of [".", ...filesBelow(state)].map((file) => join(state, file))) {
    const info = statSync(path);
    expect([path, info.mode & 0o777]).toEqual([path, info.isDirectory() ? 0o700 : 0o600]);
  }
  await manager.releaseEnvironment(name);
});

test("a secret that Compose quotes in its complaint", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  web:
    image: ${IMAGE}
    environment: { DB_PASSWORD: "\${DB_PASSWORD}" }
    security_opt: ["\${DB_PASSWORD}"]`,
  });
  const manager = scenario.manager({ env: { DB_PASSWORD: "correct-horse-battery" } });
  const error = await refusal(manager.acquireEnvironment());
  expect(error.message).toContain("*****");
  expect(JSON.stringify([error.message, error.hint, error.received, scenario.events])).not.toMatch(
    /correct-horse/i,
  );
  await eventually(
    () => scenario.remains(),
    ({ containers }) => containers.length === 0,
  );
  expect(existsSync(join(scenario.folder, "state"))).toBe(false);
});

/** Names and values are data, whatever they look like; secrets stay secret; nothing is open to others. */
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { HOSTILE } from "./hostile-name.ts";
import { eventually, IMAGE, inspect, PEER_IMAGE, refusal, Scenario } from "./scenario.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Compose takes them all for names of services. */
const SERVICES = ["-rf", "--help", "..", ".hidden", "CON"];

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" });
}

test("folders, values and services that look like commands, flags and paths; ports are on loopback, the engine's socket is in no container, files are their user's alone", async () => {
  await using scenario = new Scenario({});
  const cwd = join(scenario.folder, HOSTILE);
  mkdirSync(cwd);
  const service = `{ image: ${IMAGE}, command: [sleep, "600"], stop_grace_period: 0s, environment: { VALUE: "\${VALUE}" } }`;
  const web = `{ image: ${PEER_IMAGE}, ports: ["8000", "18123:9000", "0.0.0.0:18124:9001"], command: [peer, "8000", "9000", "9001"] }`;
  scenario.write(
    join(HOSTILE, "compose.yaml"),
    `services: { web: ${web}, ${SERVICES.map((name) => `"${name}": ${service}`).join(", ")} }`,
  );
  const state = join(cwd, "state");
  vi.stubEnv("REAL_SERVICES_STATE_DIR", state);
  const manager = scenario.manager({ cwd, env: { VALUE: HOSTILE } });
  const { name, services } = await manager.acquireEnvironment();
  await manager.waitForServices();
  expect(Object.keys(services).sort()).toEqual([...SERVICES, "web"].sort());
  const [id = ""] = services["-rf"]?.containers ?? [];
  expect(await inspect(id, "json .Config.Env")).toContain(JSON.stringify(HOSTILE).slice(1, -1));
  await manager.restartService("--help");

  const [open = ""] = services["web"]?.containers ?? [];
  const ports: Record<string, { HostIp: string }[]> = JSON.parse(
    await inspect(open, "json .NetworkSettings.Ports"),
  );
  const addresses = Object.values(ports).flatMap((bindings) =>
    bindings.map(({ HostIp }) => HostIp),
  );
  expect(addresses).toEqual(["127.0.0.1", "127.0.0.1", "127.0.0.1"]);
  expect(await inspect(open, "json .Mounts")).not.toContain("docker.sock");
  for (const path of [".", ...filesBelow(state)].map((file) => join(state, file))) {
    const info = statSync(path);
    expect([path, info.mode & 0o777]).toEqual([path, info.isDirectory() ? 0o700 : 0o600]);
  }
  await manager.releaseEnvironment(name);
  await scenario.expectNothingLeft();
  expect(filesBelow(scenario.folder).filter((file) => file.endsWith("pwned"))).toEqual([]);
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

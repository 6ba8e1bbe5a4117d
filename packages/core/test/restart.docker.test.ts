/** A service is restarted with its own grace, keeps its ports, and is ready again when it returns. */
import { execa } from "execa";
import { expect, test } from "vitest";
import { IMAGE, inspect, PEER_IMAGE, refusal, Scenario } from "./scenario.ts";

test.concurrent("a service that heeds SIGTERM, and one that does not", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  graceful: { image: ${PEER_IMAGE}, ports: ["8000"] }
  stubborn:
    image: ${IMAGE}
    stop_grace_period: 1s
    command: [sh, -c, "rm -f /tmp/ready; trap '' TERM; sleep 0.5; touch /tmp/ready; while :; do sleep 1; done"]
    healthcheck: { test: [CMD, test, -e, /tmp/ready], interval: 1s }
    depends_on: { graceful: { condition: service_started } }
`,
  });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  const before = structuredClone({ ...environment.services });
  const startedAt = (service: string) =>
    inspect(environment.services[service]?.containers[0] ?? "", ".State.StartedAt");
  const restart = async (service: string) => {
    const [first, began] = [await startedAt(service), performance.now()];
    await manager.restartService(service);
    expect(await startedAt(service)).not.toBe(first);
    return performance.now() - began;
  };

  await fetch(new URL("/id", before["graceful"]?.url), { method: "PUT", body: "still here" });
  expect(await restart("graceful")).toBeLessThan(5_000);
  const again = await fetch(new URL("/id", environment.services["graceful"]?.url));
  expect(await again.text()).toBe("still here");

  const stubbornMs = await restart("stubborn");
  expect(stubbornMs).toBeGreaterThan(1_000);
  expect(stubbornMs).toBeLessThan(8_000);
  const stubborn = environment.services["stubborn"]?.containers[0] ?? "";
  await execa("docker", ["exec", stubborn, "test", "-e", "/tmp/ready"]);

  expect({ ...environment.services }).toEqual(before);
  expect(environment.state).toBe("running");
  const unknown = await refusal(manager.restartService("gracefull"));
  expect(unknown).toMatchObject({ code: "REAL_SERVICES_UNKNOWN_SERVICE", received: "gracefull" });
  expect(unknown.hint).toContain("“graceful”");
  await manager.releaseEnvironment(environment.name);
  await scenario.expectNothingLeft();
});

test.concurrent("a service that does not come back says why", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  once:
    image: ${IMAGE}
    command: [sh, -c, "test -e /tmp/been && echo not twice >&2 && exit 7; touch /tmp/been; exec sleep 600"]
    stop_grace_period: 0s
`,
  });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  const error = await refusal(manager.restartService("once"));
  expect(error.code).toBe("REAL_SERVICES_SERVICE_EXITED");
  expect(error.postMortems).toMatchObject([{ exitCode: 7, logLines: ["not twice"] }]);
  await manager.releaseEnvironment(environment.name);
  await scenario.expectNothingLeft();
});

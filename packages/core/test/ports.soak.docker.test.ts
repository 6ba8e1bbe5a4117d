/** So many environments that no port is left: refused before anything exists. */
import { afterEach, expect, test, vi } from "vitest";
import { leaseAllPorts } from "./port-claims.ts";
import { PEER_IMAGE, refusal, Scenario } from "./scenario.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("every port of the range is leased: refused, the service named", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { web: { image: "${PEER_IMAGE}", ports: ["8000"] } }`,
  });
  vi.stubEnv("REAL_SERVICES_STATE_DIR", scenario.folder);
  await leaseAllPorts();
  const error = await refusal(scenario.manager().acquireEnvironment());
  expect(error.code).toBe("REAL_SERVICES_PORTS_EXHAUSTED");
  expect(error.message).toBe(
    "No free port is left for service “web” (8000) in 30000–40000: 10001 of 10001 are leased.",
  );
  expect(error.hint).toContain("docker-manual status");
  await scenario.expectNothingLeft();
});

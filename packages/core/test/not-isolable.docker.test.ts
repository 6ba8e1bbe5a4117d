/** A stack that cannot run as a copy is refused before anything exists; one that merely shares is told of once. */
import { execa } from "execa";
import { expect, test } from "vitest";
import type { ErrorCode } from "../src/errors.ts";
import { inspect, PEER_IMAGE, refusal, Scenario } from "./scenario.ts";

const web = (fields: string) => `services: { web: { image: "${PEER_IMAGE}", ${fields} } }`;

test.each<[string, string, ErrorCode, unknown, RegExp]>([
  [
    "the host's network and published ports",
    web(`network_mode: host, ports: ["18700:8000"]`),
    "REAL_SERVICES_NOT_ISOLABLE",
    { service: "web", network_mode: "host" },
    /“web” publishes ports and uses the host's network/,
  ],
  [
    "an external network that does not exist",
    `${web("networks: [lan]")}\nnetworks: { lan: { external: true, name: rs-test-missing } }`,
    "REAL_SERVICES_NOT_ISOLABLE",
    "rs-test-missing",
    /external network rs-test-missing, which “web” uses, does not exist/,
  ],
  [
    "an external volume that does not exist",
    `${web(`volumes: ["data:/data"]`)}\nvolumes: { data: { external: true, name: rs-test-missing } }`,
    "REAL_SERVICES_NOT_ISOLABLE",
    "rs-test-missing",
    /external volume rs-test-missing, which “web” uses, does not exist/,
  ],
  [
    "a range of fewer ports than replicas",
    web(`scale: 3, ports: [{ target: 8000, published: "18700-18701" }]`),
    "REAL_SERVICES_NOT_ISOLABLE",
    { service: "web", published: "18700-18701", replicas: 3 },
    /“web” has 3 replicas, but publishes 8000 on 18700-18701/,
  ],
])("%s: refused, the service named", async (_intent, compose, code, received, message) => {
  await using scenario = new Scenario({ "compose.yaml": compose });
  const error = await refusal(scenario.manager().acquireEnvironment());
  expect(error.message).toMatch(message);
  expect(error).toMatchObject({ code, received });
  // It was not even planned: nothing was created for a moment.
  expect(scenario.names()).toEqual([]);
  await scenario.expectNothingLeft();
});

test("no subnet of the size is left: refused, the networks and their services named", async () => {
  const lan = (name: string, subnet: string) =>
    `${name}: { ipam: { config: [{ subnet: ${subnet} }] } }`;
  // The pool of this size has one at most.
  await using scenario = new Scenario({
    "compose.yaml": `${web("networks: [left, right]")}
networks: { ${lan("left", "11.0.0.0/8")}, ${lan("right", "12.0.0.0/8")} }`,
  });
  const error = await refusal(scenario.manager().acquireEnvironment());
  expect(error.code).toBe("REAL_SERVICES_CONFLICT");
  expect(error.message).toBe(
    "No free subnet is left for network left (of “web”), network right (of “web”).",
  );
  expect(error.received).toEqual(["/8", "/8"]);
  await scenario.expectNothingLeft();
});

test("what merely shares state with the host runs, and each is told of once", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services:
  web: { image: "${PEER_IMAGE}", command: [sleep, "600"], network_mode: host, pid: host, ipc: host }
  store: { image: "${PEER_IMAGE}", volumes: [".:/data", "./:/read:ro", "cache:/cache"] }
volumes: { cache: { external: true, name: ${EXTERNAL} } }`,
  });
  await execa("docker", ["volume", "create", EXTERNAL]);
  const manager = scenario.manager();
  try {
    const environment = await manager.acquireEnvironment();
    await manager.waitForServices();
    expect(
      await inspect(environment.services["web"]?.containers[0] ?? "", ".HostConfig.NetworkMode"),
    ).toBe("host");
    await manager.releaseEnvironment(environment.name);
    const warnings = scenario.events.filter((event) => event.type === "warning");
    expect(warnings.map(({ service, message }) => `${service}: ${message}`).toSorted()).toEqual([
      `store: writes to ${scenario.folder} of the host, as every other copy does`,
      `undefined: volume ${EXTERNAL} is external: every copy shares it`,
      "web: shares the host's ipc namespace",
      "web: shares the host's network",
      "web: shares the host's pid namespace",
    ]);
    // It belongs to somebody else: it is still there.
    await execa("docker", ["volume", "inspect", EXTERNAL]);
  } finally {
    await execa("docker", ["volume", "rm", EXTERNAL], { reject: false });
  }
  await scenario.expectNothingLeft();
});

const EXTERNAL = `rs-test-shared-${process.pid}`;

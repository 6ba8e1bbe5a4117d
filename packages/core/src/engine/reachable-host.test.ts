import { expect, test } from "vitest";
import { EngineClient } from "./client.ts";
import { parseEndpoint } from "./endpoint.ts";
import { defaultGateway, findReachableHost } from "./reachable-host.ts";

const nothing = { bindAddress: undefined, host: undefined };
const clientFor = (url: string) => new EngineClient(parseEndpoint(url, "DOCKER_HOST", {}));

test.for([
  ["tcp://127.0.0.1:2375", "127.0.0.1", "127.0.0.1", true],
  ["tcp://localhost:2375", "127.0.0.1", "127.0.0.1", true],
  ["tcp://engine.example.test:2375", "0.0.0.0", "engine.example.test", false],
  ["tcp://192.0.2.7:2375", "0.0.0.0", "192.0.2.7", false],
  ["ssh://ci@192.0.2.7", "0.0.0.0", "192.0.2.7", false],
] as const)(
  "%s publishes on %s and is reached at %s",
  async ([url, bindAddress, host, isLocal]) => {
    const found = await findReachableHost(clientFor(url), nothing);
    expect(found).toEqual({ bindAddress, host, isLocal });
  },
);

test("what the user gives wins", async () => {
  const client = clientFor("tcp://192.0.2.7:2375");
  const bound = await findReachableHost(client, { bindAddress: "10.1.2.3", host: undefined });
  expect(bound).toMatchObject({ bindAddress: "10.1.2.3", host: "10.1.2.3" });
  const named = await findReachableHost(client, {
    bindAddress: "0.0.0.0",
    host: "ci.example.test",
  });
  expect(named).toMatchObject({ bindAddress: "0.0.0.0", host: "ci.example.test" });
});

test("the default gateway is read from the kernel's own words", () => {
  const routes = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask
eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF
eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000
`;
  expect(defaultGateway(routes)).toBe("172.17.0.1");
  expect(defaultGateway("Iface\tDestination\n")).toBeUndefined();
});

import { expect, test } from "vitest";
import { isSeenByAll } from "./heartbeat.ts";
import type { ProcessOwner } from "./owner.ts";

const onHost: ProcessOwner = {
  kind: "process",
  host: "host",
  boot: "boot",
  pidNamespace: "pid:[4026531836]",
  pid: 4711,
  startTime: "1",
};
const inContainer = { ...onHost, pidNamespace: "pid:[4026532001]" };
const onMac = { ...onHost, pidNamespace: "" };

test.each([
  ["on the engine's own host", onHost, { socketPath: "/var/run/docker.sock" }, true],
  ["through loopback", onHost, { host: "127.0.0.1", port: 2375 }, true],
  ["where there are no namespaces", onMac, { socketPath: "/var/run/docker.sock" }, true],
  ["in a container", inContainer, { socketPath: "/var/run/docker.sock" }, false],
  ["of an engine elsewhere", onHost, { host: "ci-host", port: 2376 }, false],
  ["of one behind ssh", onMac, { protocol: "ssh", host: "ci-host" } as const, false],
])("an owner %s", (_case, owner, connection, seen) => {
  expect(isSeenByAll(owner, connection)).toBe(seen);
});

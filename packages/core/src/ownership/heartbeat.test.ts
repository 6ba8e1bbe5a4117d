import { expect, test } from "vitest";
import { isSeenByAll, mayBeClone } from "./heartbeat.ts";
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

const local = { socketPath: "/var/run/docker.sock" };
const elsewhere = { host: "ci-host", port: 2376 };

test.each([
  ["is seen by all, and was never heard of", onHost, local, [], false],
  ["will be heard of, here as elsewhere", onHost, local, [11], true],
  ["was to be heard of", onHost, local, [9, 10], false],
  ["has not begun to be heard of, on an engine elsewhere", onHost, elsewhere, [], true],
  ["has not begun to be heard of, in a container", inContainer, local, [], true],
  ["is heard of, on an engine elsewhere", onHost, elsewhere, [9, 11], true],
  ["was to be heard of, on an engine elsewhere", onHost, elsewhere, [9], false],
])(
  "an owner that %s may live on a copy of this machine, or not",
  (_case, owner, engine, beats, may) => {
    expect(mayBeClone(owner, engine, beats, 10)).toBe(may);
  },
);

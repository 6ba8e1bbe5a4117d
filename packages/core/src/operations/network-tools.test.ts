import { expect, test } from "vitest";
import { readLookUp, readOpening } from "./network-tools.ts";

const NSLOOKUP = `Server:\t\t127.0.0.11
Address:\t127.0.0.11:53

Non-authoritative answer:
Name:\tcache
Address: 198.18.0.3
`;
const NODE = `node:internal/errors:540
Error: getaddrinfo ENOTFOUND cache
    at GetAddrInfoReqWrap.onlookup [as oncomplete] (node:dns:107:26)

Node.js v22.22.0
`;

test.each([
  ["getent", 0, "198.18.0.3      cache\n", "cache is 198.18.0.3"],
  ["nslookup", 0, NSLOOKUP, "cache is 198.18.0.3"],
  ["another's address", 0, "10.9.8.7  cache", "cache resolves to 10.9.8.7, which is somebody else"],
  [
    "one that begins alike",
    0,
    "198.18.0.31",
    "cache resolves to 198.18.0.31, which is somebody else",
  ],
  ["getent, unknown", 2, "", "cache does not resolve"],
  ["nslookup, unknown", 1, "** server can't find cache: NXDOMAIN\n", "cache does not resolve"],
  ["node, unknown", 1, NODE, "cache does not resolve"],
])("a look-up by %s", (_tool, exitCode, output, detail) => {
  const found = readLookUp("cache", { exitCode, output }, ["", "198.18.0.3"]);
  expect(found).toEqual({ ok: detail.includes(" is 1"), detail });
});

test.each([
  ["any", 0, "", "81 open"],
  ["nc", 1, "", "81 does not open"],
  [
    "bash",
    1,
    "cache: connect: Connection refused\ncache: line 1: /dev/tcp/cache/81: Connection refused\n",
    "81 refused",
  ],
  ["node", 1, "connect ECONNREFUSED 198.18.0.3:81\n", "81 refused"],
  ["python3", 1, "Traceback …\nTimeoutError: timed out\n", "81 does not answer"],
  ["timeout", 124, "", "81 does not answer"],
  ["timeout of BusyBox", 143, "", "81 does not answer"],
  ["perl", 111, "No route to host at -e line 1.\n", "81 not reached: there is no route"],
])("a port by %s", (_tool, exitCode, output, detail) => {
  expect(readOpening(81, { exitCode, output })).toEqual({ ok: exitCode === 0, detail });
});

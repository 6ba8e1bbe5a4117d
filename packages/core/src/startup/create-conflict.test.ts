import { expect, test } from "vitest";
import { type CreateConflict, judgeCreate } from "./create-conflict.ts";

/** As Engine 26.1 and Compose 2.40 say it, unless another version is named. */
const words: readonly [CreateConflict["kind"] | undefined, string][] = [
  [
    "name",
    'Error response from daemon: Conflict. The container name "/shop-web-1" is already in use by container "65d5ea7c". You have to remove (or rename) that container to be able to reuse that name.',
  ],
  ["name", "Error response from daemon: network with name shop_default already exists"],
  // Engine 24
  [
    "name",
    "Error response from daemon: network shop_default is ambiguous (2 matches found on name)",
  ],
  [
    "name",
    'network shop_default was found but has incorrect label com.docker.compose.network set to "" (expected: "default")',
  ],
  [
    "firewall",
    "Failed to Setup IP tables: Unable to enable NAT rule:  (iptables failed: iptables --wait -t nat -I POSTROUTING: Can't lock /run/xtables.lock: Resource temporarily unavailable",
  ],
  ["address", "Error response from daemon: Pool overlaps with other one on this address space"],
  [
    "address",
    "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
  ],
  // Engine 27
  ["address", "all predefined address pools have been fully subnetted"],
  ["address", "Error response from daemon: network 1f2e3d not found"],
  [undefined, "Error response from daemon: invalid mount config for type"],
  [undefined, "no space left on device"],
  [undefined, ""],
];

test.each(words)("%s: %s", (kind, stderr) => {
  expect(judgeCreate(true, stderr)).toBe(kind);
  // The same words of a success are of something that Compose has mended itself.
  expect(judgeCreate(false, stderr)).toBeUndefined();
});

test.each([
  String.raw`level=warning msg="volume \"shop_data\" already exists but was not created by Docker Compose. Use external: true to use an existing volume"`,
  String.raw`level=warning msg="volume \"shop_data\" already exists but was created for project \"blog\" (expected \"shop\")."`,
  'volume "shop_data" already exists but was not created by Docker Compose.',
])("a foreign volume is a conflict although Compose goes on: %s", (stderr) => {
  expect(judgeCreate(false, stderr)).toBe("name");
  expect(judgeCreate(true, stderr)).toBe("name");
});

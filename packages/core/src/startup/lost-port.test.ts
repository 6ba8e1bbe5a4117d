import { expect, test } from "vitest";
import { lostPort } from "./lost-port.ts";

test.each([
  ["the allocator's", "Bind for 127.0.0.1:30001 failed: port is already allocated"],
  [
    "the proxy's, before Engine 28",
    "driver failed programming external connectivity on endpoint x: Error starting userland proxy: listen tcp4 127.0.0.1:30001: bind: address already in use",
  ],
  [
    "the proxy's, UDP",
    "Error starting userland proxy: listen udp4 0.0.0.0:30001: bind: address already in use",
  ],
  [
    "Engine 28's",
    "failed to set up container networking: driver failed programming external connectivity on endpoint x: failed to bind host port for 127.0.0.1:30001:172.17.0.2:80/tcp: address already in use",
  ],
  ["Engine 29's", "failed to bind host port 127.0.0.1:30001/tcp: address already in use"],
  ["a port that Windows keeps", "listen tcp 127.0.0.1:30001: bind: permission denied"],
])("%s words name the port", (_whose, words) => {
  expect(lostPort(new Error(`(HTTP code 500) server error - ${words}`))).toBe(30_001);
});

test.each([
  new Error("No such image: db:30001"),
  new Error("network shop_default not found"),
  "port is already allocated",
  undefined,
])("%s is about no port", (error) => {
  expect(lostPort(error)).toBeUndefined();
});

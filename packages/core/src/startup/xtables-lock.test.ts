import { expect, test } from "vitest";
import { isFirewallBusy } from "./xtables-lock.ts";

test.each([
  // As Engine 26.1 passes them on, from iptables 1.8 with a limit, and from 1.4 without `--wait`.
  "(HTTP code 500) server error - driver failed programming external connectivity on endpoint web (1f2e): (iptables failed: iptables --wait -t nat -A DOCKER -p tcp -d 127.0.0.1: Can't lock /run/xtables.lock: Resource temporarily unavailable\nAnother app is currently holding the xtables lock. Stopped waiting after 1s.\n (exit status 4))",
  "iptables failed: iptables -t nat -C POSTROUTING: Another app is currently holding the xtables lock. Perhaps you want to use the -w option?",
])("busy: %s", (said) => {
  expect(isFirewallBusy(said)).toBe(true);
});

test.each([
  "iptables failed: iptables --wait -t nat -A DOCKER: iptables: No chain/target/match by that name.",
  "driver failed programming external connectivity on endpoint web (1f2e): Bind for 127.0.0.1:30001 failed: port is already allocated",
  "",
])("not busy: %s", (said) => {
  expect(isFirewallBusy(said)).toBe(false);
});

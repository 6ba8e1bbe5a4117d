import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  contains,
  moveAddress,
  parseSubnet,
  pickSubnets,
  prefixFor,
  randomSubnet6,
  SMALL_PREFIX,
} from "./subnets.ts";

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Written apart from the source: bit by bit instead of by arithmetic. */
function rangeOf(cidr: string): Range {
  const [address = "", prefix = ""] = cidr.split("/");
  const bits = address.split(".").map((part) => Number(part).toString(2).padStart(8, "0"));
  const network = bits.join("").slice(0, Number(prefix));
  return {
    first: Number.parseInt(network.padEnd(32, "0"), 2),
    last: Number.parseInt(network.padEnd(32, "1"), 2),
  };
}

const overlap = (a: Range, b: Range) => a.first <= b.last && b.first <= a.last;
const within = (inner: Range, outer: Range) =>
  inner.first >= outer.first && inner.last <= outer.last;
const BENCHMARKS = rangeOf("198.18.0.0/15");
const PRIVATE = rangeOf("10.0.0.0/8");

const octet = fc.nat(255);
const address = fc
  .tuple(fc.constantFrom("198.18", "198.19", "10.0", "10.255"), octet, octet)
  .map(([start, c, d]) => `${start}.${c}.${d}`);
const used = fc.oneof(
  fc.tuple(address, fc.integer({ min: 9, max: 32 })).map(([at, prefix]) => `${at}/${prefix}`),
  fc.constantFrom("172.17.0.0/16", "fd00::/64", "nonsense", "", "198.18.0.0", "1.2.3.4/33"),
);
const start = fc.double({ min: 0, max: 1, noNaN: true });

test("what is picked overlaps nothing: not each other, not what is in use, never outside our pools", () => {
  const prefixes = fc.array(fc.integer({ min: 14, max: 30 }), { maxLength: 8 });
  fc.assert(
    fc.property(prefixes, fc.array(used, { maxLength: 30 }), start, (wanted, inUse, begin) => {
      const picked = pickSubnets(wanted, inUse, begin);
      if (picked === undefined) return;
      expect(picked.map((cidr) => Number(cidr.split("/")[1]))).toEqual(wanted);
      const mine = picked.map(rangeOf);
      const others = inUse.filter((cidr) => parseSubnet(cidr) !== undefined).map(rangeOf);
      for (const [index, block] of mine.entries()) {
        expect(within(block, BENCHMARKS) || within(block, PRIVATE)).toBe(true);
        for (const other of [...others, ...mine.slice(index + 1)]) {
          expect(overlap(block, other)).toBe(false);
        }
      }
    }),
  );
});

test("whatever is in use, a free place in a pool is found wherever the search begins", () => {
  const inUse = fc.array(used, { maxLength: 20 });
  fc.assert(
    fc.property(inUse, fc.integer({ min: 20, max: 30 }), start, start, (taken, prefix, a, b) => {
      expect(pickSubnets([prefix], taken, a) === undefined).toBe(
        pickSubnets([prefix], taken, b) === undefined,
      );
    }),
  );
});

describe("at the edges", () => {
  test("4,096 small networks fit where nobody routes; only then private space is used", () => {
    const all = Array.from({ length: 4_096 }, (_, index) => {
      const host = index * 32;
      return `198.${18 + Math.floor(host / 65_536)}.${Math.floor(host / 256) % 256}.${host % 256}/27`;
    });
    expect(pickSubnets([SMALL_PREFIX], all.slice(1), 0.7)).toEqual(all.slice(0, 1));
    expect(pickSubnets([SMALL_PREFIX], all, 0)).toEqual(["10.0.0.0/27"]);
    expect(pickSubnets([SMALL_PREFIX], [...all, "10.0.0.0/8"], 0)).toBeUndefined();
  });

  test("the last free one is found wherever the search begins", () => {
    const taken = ["10.0.0.0/8", "198.18.0.0/16", "198.19.0.0/17", "198.19.128.0/18"];
    const rest = ["198.19.192.0/19", "198.19.224.0/20", "198.19.240.0/21", "198.19.248.0/22"];
    const last = ["198.19.252.0/23", "198.19.254.0/24", "198.19.255.0/25", "198.19.255.128/26"];
    for (const begin of [0, 0.3, 0.5, 0.999_999, 1]) {
      const inUse = [...taken, ...rest, ...last, "198.19.255.224/27"];
      expect(pickSubnets([27], inUse, begin)).toEqual(["198.19.255.192/27"]);
    }
  });

  test("large networks come from private space", () => {
    expect(pickSubnets([16, 19, 20], [], 0)).toEqual([
      "10.0.0.0/16",
      "10.1.0.0/19",
      "198.18.0.0/20",
    ]);
  });

  test.each([0, 7, 31, 32])("a /%d is never given", (prefix) => {
    expect(pickSubnets([prefix], [], 0)).toBeUndefined();
  });
});

test.each([
  ["10.1.2.3/24", { base: 0x0a010200, prefix: 24 }],
  ["0.0.0.0/0", { base: 0, prefix: 0 }],
  ["255.255.255.255/32", { base: 0xffffffff, prefix: 32 }],
  ["10.1.2.3", undefined],
  ["10.1.2/24", undefined],
  ["10.1.2.256/24", undefined],
  ["10.1.2.3/33", undefined],
  ["10.1.2.3/x", undefined],
  ["fd00::/64", undefined],
  ["", undefined],
])("%o parses to %o", (cidr, subnet) => {
  expect(parseSubnet(cidr)).toEqual(subnet);
});

test("a small network has room for its containers, and a larger one for more", () => {
  expect(prefixFor(0)).toBe(SMALL_PREFIX);
  fc.assert(
    fc.property(fc.nat(5_000), (containers) => {
      const prefix = prefixFor(containers);
      expect(2 ** (32 - prefix) - 3).toBeGreaterThan(containers);
      if (prefix < SMALL_PREFIX) expect(2 ** (31 - prefix) - 4).toBeLessThan(containers);
    }),
  );
});

describe("an address that moves with its subnet", () => {
  test.each([
    ["172.28.0.10", "172.28.0.0/16", "10.9.0.0/16", "10.9.0.10"],
    ["172.28.200.10", "172.28.0.0/16", "10.9.0.0/16", "10.9.200.10"],
    ["192.168.5.65", "192.168.5.64/27", "198.18.0.32/27", "198.18.0.33"],
    ["172.28.5.0/24", "172.28.0.0/16", "10.9.0.0/16", "10.9.5.0/24"],
    ["fd00:1::10", "fd00:1::/64", "fdaa:bbbb:cccc::/64", "fdaa:bbbb:cccc:0:0:0:0:10"],
    ["fd00:1:0:0:1:2:3:4", "fd00:1::/64", "fdaa:bbbb:cccc::/64", "fdaa:bbbb:cccc:0:1:2:3:4"],
  ])("%s of %s in %s is %s", (old, from, to, moved) => {
    expect(moveAddress(old, from, to)).toBe(moved);
    expect(contains(to, moved.split("/")[0] ?? "")).toBe(true);
  });

  test("stays as far from the start as it was, for every subnet", () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 30 }), fc.nat(2 ** 12), start, (prefix, host, at) => {
        const [to = ""] = pickSubnets([prefix], [], at) ?? [];
        const from = `172.28.0.0/${prefix}`;
        const offset = host % 2 ** (32 - prefix);
        const old = `172.28.${Math.floor(offset / 256)}.${offset % 256}`;
        const moved = moveAddress(old, from, to);
        expect(contains(to, moved)).toBe(true);
        expect(moveAddress(moved, to, from)).toBe(old);
      }),
    );
  });
});

test.each([
  ["10.0.0.0/8", "10.255.0.1", true],
  ["10.0.0.0/8", "11.0.0.1", false],
  ["10.0.0.0/8", "fd00::1", false],
  ["fd00::/64", "fd00::1", true],
  ["fd00::/64", "fd00:0:0:1::1", false],
])("%s contains %s: %o", (cidr, host, isInside) => {
  expect(contains(cidr, host)).toBe(isInside);
});

test("a random IPv6 subnet is a unique local one that an engine takes", () => {
  const unit = fc.double({ min: 0, max: 0.999_999, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 128 }), fc.infiniteStream(unit), (prefix, stream) => {
      const values = stream[Symbol.iterator]();
      const cidr = randomSubnet6(prefix, () => values.next().value);
      const [network = "", length = ""] = cidr.split("/");
      const list = new BlockList();
      list.addSubnet(network, Number(length), "ipv6");
      expect(list.check(network, "ipv6")).toBe(true);
      expect(network.startsWith("fd")).toBe(true);
      expect(Number(length)).toBeLessThanOrEqual(64);
    }),
  );
});

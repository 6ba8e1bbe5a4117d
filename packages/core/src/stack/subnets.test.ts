import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pickSubnets, SMALL_PREFIX } from "./subnets.ts";

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
const pool = rangeOf("198.18.0.0/15");

const address = fc
  .tuple(fc.constantFrom(18, 19), fc.nat(255), fc.nat(255))
  .map(([b, c, d]) => `198.${b}.${c}.${d}`);
const used = fc.oneof(
  fc.tuple(address, fc.integer({ min: 17, max: 30 })).map(([at, prefix]) => `${at}/${prefix}`),
  fc.constantFrom("172.17.0.0/16", "fd00::/64", "nonsense", ""),
);

test("what is picked overlaps nothing: not each other, not what is in use, never outside the pool", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 24, max: 30 }), { maxLength: 8 }),
      fc.array(used, { maxLength: 30 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (prefixes, inUse, start) => {
        const picked = pickSubnets(prefixes, inUse, start);
        if (picked === undefined) return;
        expect(picked.map((cidr) => Number(cidr.split("/")[1]))).toEqual(prefixes);
        const mine = picked.map(rangeOf);
        const others = inUse.filter((cidr) => /^\d+\./.test(cidr)).map(rangeOf);
        for (const [index, block] of mine.entries()) {
          expect(block.first >= pool.first && block.last <= pool.last).toBe(true);
          for (const other of [...others, ...mine.slice(index + 1)]) {
            expect(overlap(block, other)).toBe(false);
          }
        }
      },
    ),
  );
});

describe("at the edges", () => {
  test("a full pool gives nothing, an empty one exactly 4,096 small networks", () => {
    expect(pickSubnets([SMALL_PREFIX], ["198.18.0.0/15"], 0)).toBeUndefined();
    const all = pickSubnets(
      Array.from({ length: 4_096 }, () => SMALL_PREFIX),
      [],
      0.7,
    );
    expect(new Set(all).size).toBe(4_096);
    expect(pickSubnets([SMALL_PREFIX], all ?? [], 0.2)).toBeUndefined();
  });

  test("the last free one is found wherever the search begins", () => {
    const halves = ["198.18.0.0/16", "198.19.0.0/17", "198.19.128.0/18", "198.19.192.0/19"];
    const rest = ["198.19.224.0/20", "198.19.240.0/21", "198.19.248.0/22", "198.19.252.0/23"];
    const inUse = [...halves, ...rest, "198.19.254.0/24", "198.19.255.0/25", "198.19.255.128/26"];
    for (const start of [0, 0.5, 0.999_999, 1]) {
      expect(pickSubnets([27], [...inUse, "198.19.255.224/27"], start)).toEqual([
        "198.19.255.192/27",
      ]);
    }
  });

  test.each([14, 31, 32])("a /%d is never given", (prefix) => {
    expect(pickSubnets([prefix], [], 0)).toBeUndefined();
  });
});

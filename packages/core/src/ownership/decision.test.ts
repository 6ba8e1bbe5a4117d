import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideOrphan, type OwnershipFacts } from "./decision.ts";
import type { Liveness } from "./liveness.ts";
import type { Owner } from "./owner.ts";

const NOW = Date.parse("2026-01-01T12:00:00Z");
const HOUR = 3_600_000;

const processOwner: Owner = {
  kind: "process",
  host: "host",
  boot: "boot",
  pidNamespace: "pid:[1]",
  pid: 4711,
  startTime: "1",
};
const leaseUntil = (time: number): Owner => ({
  kind: "lease",
  until: new Date(time).toISOString(),
});

const owners = {
  unreadable: undefined,
  process: processOwner,
  "lease ahead": leaseUntil(NOW + HOUR),
  "lease past": leaseUntil(NOW - HOUR),
} satisfies Record<string, Owner | undefined>;
const livenesses: readonly Liveness[] = ["alive", "dead", "unknown"];
const renewals = { none: [], ahead: [NOW + 1], past: [NOW - 1], both: [NOW - HOUR, NOW + 1] };
const ages = { old: 2 * HOUR, young: HOUR / 2, unknown: Number.NaN };

/** The rule in other words: never while a lease runs, never without proof, never when too young. */
const expected: Record<
  string,
  (facts: {
    ahead: boolean;
    past: boolean;
    liveness: Liveness;
    beats: boolean;
    quiet: boolean;
  }) => boolean
> = {
  unreadable: () => false,
  process: ({ ahead, past, liveness, beats, quiet }) =>
    !ahead && (liveness === "dead" || (liveness === "unknown" && !beats && (past || quiet))),
  "lease ahead": () => false,
  "lease past": ({ ahead }) => !ahead,
};

describe("every combination of owner, liveness, renewed leases, heartbeats and age", () => {
  for (const [ownerName, owner] of Object.entries(owners)) {
    for (const liveness of livenesses) {
      for (const [leaseName, leases] of Object.entries(renewals)) {
        for (const [beatName, heartbeats] of Object.entries(renewals)) {
          for (const [ageName, age] of Object.entries(ages)) {
            const facts = {
              ahead: leases.some((deadline) => deadline > NOW),
              past: leases.some((deadline) => deadline <= NOW),
              beats: heartbeats.some((deadline) => deadline > NOW),
              quiet: heartbeats.length > 0,
              liveness,
            };
            const orphan = ageName === "old" && (expected[ownerName]?.(facts) ?? false);
            const name = [
              ownerName,
              liveness,
              `lease ${leaseName}`,
              `heartbeat ${beatName}`,
              ageName,
            ];
            test(`${name.join(" · ")} → ${orphan ? "orphan" : "kept"}`, () => {
              const decision = decideOrphan({
                owner,
                liveness,
                leases,
                heartbeats,
                createdAt: NOW - age,
                now: NOW,
                olderThanMs: HOUR,
              });
              expect(decision.orphan).toBe(orphan);
              expect(decision.reason).not.toBe("");
            });
          }
        }
      }
    }
  }
});

test.each([
  [{ owner: undefined }, "its owner label cannot be read"],
  [{ liveness: "alive" }, "owner process 4711 is alive"],
  [{ liveness: "unknown" }, "owner process 4711 cannot be checked from here"],
  [{ liveness: "dead" }, "owner process 4711 is dead"],
  [{ liveness: "dead", leases: [NOW + HOUR] }, "its lease runs until 2026-01-01T13:00:00.000Z"],
  [{ liveness: "dead", leases: [NOW - HOUR] }, "its lease ran out at 2026-01-01T11:00:00.000Z"],
  [
    { liveness: "unknown", heartbeats: [NOW + HOUR] },
    "owner process 4711 is out of sight, and has until 2026-01-01T13:00:00.000Z to be heard of",
  ],
  [
    { liveness: "unknown", heartbeats: [NOW - HOUR] },
    "owner process 4711 is out of sight, and was to be heard of until 2026-01-01T11:00:00.000Z",
  ],
  [{ liveness: "unknown", leases: [NOW - HOUR] }, "its lease ran out at 2026-01-01T11:00:00.000Z"],
  [{ owner: leaseUntil(NOW) }, "its lease ran out at 2026-01-01T12:00:00.000Z"],
  [
    { liveness: "dead", olderThanMs: 9 * HOUR },
    "owner process 4711 is dead, but it is younger than asked for",
  ],
] satisfies [Partial<OwnershipFacts>, string][])("%o says: %s", (facts, reason) => {
  const decision = decideOrphan({
    owner: processOwner,
    liveness: "dead",
    leases: [],
    heartbeats: [],
    createdAt: NOW - 2 * HOUR,
    now: NOW,
    olderThanMs: 0,
    ...facts,
  });
  expect(decision.reason).toBe(reason);
});

test("age only narrows: what is an orphan at some age is one at every smaller age, and never the reverse", () => {
  const facts = fc.record({
    owner: fc.constantFrom<Owner | undefined>(...Object.values(owners)),
    liveness: fc.constantFrom(...livenesses),
    leases: fc.array(fc.integer({ min: NOW - HOUR, max: NOW + HOUR })),
    heartbeats: fc.array(fc.integer({ min: NOW - HOUR, max: NOW + HOUR })),
    createdAt: fc.integer({ min: NOW - 5 * HOUR, max: NOW }),
  });
  fc.assert(
    fc.property(facts, fc.nat(6 * HOUR), (known, olderThanMs) => {
      const narrowed = decideOrphan({ ...known, now: NOW, olderThanMs });
      const all = decideOrphan({ ...known, now: NOW, olderThanMs: 0 });
      expect(narrowed.orphan).toBe(all.orphan && NOW - known.createdAt >= olderThanMs);
    }),
  );
});

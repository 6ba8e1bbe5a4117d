import { expect, test } from "vitest";
import type { JudgedEnvironment } from "../ownership/sweep.ts";
import { type AdoptionWish, chooseAdoptable } from "./choose-adoptable.ts";

const LEASE = JSON.stringify({ kind: "lease", until: "2026-01-01T02:00:00.000Z" });
const PROCESS = JSON.stringify({
  kind: "process",
  host: "h",
  boot: "b",
  pidNamespace: "",
  pid: 7,
  startTime: "1",
});
const WISH: AdoptionWish = {
  stackHash: "abc",
  services: [
    { service: "db", mayComplete: false },
    { service: "migrate", mayComplete: true },
  ],
};
const RUNNING = { db: "running", migrate: "exited" };

function environment(
  name: string,
  given: {
    readonly stack?: string;
    readonly kind?: string;
    readonly owner?: string;
    readonly created?: string;
    readonly orphan?: boolean;
    readonly states?: Readonly<Record<string, string>>;
  } = {},
): JudgedEnvironment {
  const { stack = "abc", kind = "shared", owner = LEASE, orphan = false, states = RUNNING } = given;
  const created = given.created ?? "2026-01-01T00:00:00.000Z";
  const containers = Object.entries(states).map(([service, state]) => ({
    id: service,
    name: service,
    image: "",
    imageId: "",
    state,
    labels: { "real-services.service": service },
    ports: [],
    volumes: [],
  }));
  return {
    inventory: {
      labels: { environment: name, id: name, kind, owner, stack, created },
      containers,
      networks: [],
      volumes: [],
    },
    owner: { kind: "lease", liveness: "alive", description: "" },
    decision: { orphan, reason: "" },
  };
}

test.each([
  ["another stack", { stack: "other" }],
  ["begun for one run alone", { kind: "dedicated" }],
  ["owned by a process", { owner: PROCESS }],
  ["an owner that cannot be read", { owner: "?" }],
  ["its lease is over", { orphan: true }],
  ["a service ended that was to stay", { states: { db: "exited", migrate: "exited" } }],
  ["a service is paused", { states: { db: "paused", migrate: "exited" } }],
  ["a service is not started yet", { states: { db: "running", migrate: "created" } }],
  ["a service is missing", { states: { db: "running" } }],
])("not for others: %s", (_case, given) => {
  expect(chooseAdoptable([environment("one", given)], WISH)).toBeUndefined();
});

test("of several the youngest", () => {
  const old = environment("old");
  const young = environment("young", { created: "2026-01-01T01:00:00.000Z" });
  expect(chooseAdoptable([old, young, environment("other", { stack: "x" })], WISH)).toBe(young);
});

test("with more services than are wanted it serves too", () => {
  const states = { ...RUNNING, cache: "exited" };
  expect(chooseAdoptable([environment("one", { states })], WISH)).toBeDefined();
});

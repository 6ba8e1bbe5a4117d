import { expect, test } from "vitest";
import type { JudgedEnvironment } from "../ownership/sweep.ts";
import { leftForOthers, whyNotWhole } from "./choose-adoptable.ts";

const LEASE = JSON.stringify({ kind: "lease", until: "2026-01-01T02:00:00.000Z" });
const PROCESS = JSON.stringify({
  kind: "process",
  host: "h",
  boot: "b",
  pidNamespace: "",
  pid: 7,
  startTime: "1",
});
function environment(
  name: string,
  given: {
    readonly stack?: string;
    readonly kind?: string;
    readonly owner?: string;
    readonly created?: string;
    readonly orphan?: boolean;
  } = {},
): JudgedEnvironment {
  const { stack = "abc", kind = "shared", owner = LEASE, orphan = false } = given;
  const created = given.created ?? "2026-01-01T00:00:00.000Z";
  return {
    inventory: {
      labels: { environment: name, id: name, kind, owner, stack, created },
      containers: [],
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
])("not for others: %s", (_case, given) => {
  expect(leftForOthers([environment("one", given)], "abc")).toEqual([]);
});

test("the youngest comes first", () => {
  const old = environment("old");
  const young = environment("young", { created: "2026-01-01T01:00:00.000Z" });
  const other = environment("other", { stack: "x" });
  expect(leftForOthers([old, young, other], "abc")).toEqual([young, old]);
});

const NEEDED = [
  { service: "db", mayComplete: false },
  { service: "migrate", mayComplete: true },
];
const RUNNING = { db: "running", migrate: "exited" };

test.each<[string, Record<string, string>, number, string | undefined]>([
  ["whole", RUNNING, 0, undefined],
  ["more services than are needed", { ...RUNNING, cache: "exited" }, 0, undefined],
  [
    "a service ended that was to stay",
    { db: "exited", migrate: "exited" },
    0,
    "“db” has ended with exit code 0",
  ],
  ["its work has failed", RUNNING, 1, "“migrate” has ended with exit code 1"],
  ["a service is paused", { ...RUNNING, db: "paused" }, 0, "“db” is paused"],
  ["a service is not started yet", { ...RUNNING, migrate: "created" }, 0, "“migrate” is created"],
  ["a service is missing", { db: "running" }, 0, "“migrate” has no container"],
])("%s", (_case, states, exitCode, why) => {
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
  const exitCodes = new Map(containers.map(({ id }) => [id, exitCode]));
  expect(whyNotWhole({ containers }, NEEDED, exitCodes)).toBe(why);
});

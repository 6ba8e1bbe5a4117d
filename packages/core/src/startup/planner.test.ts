import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  blockersOf,
  isOptional,
  planNext,
  type StartDependency,
  type StartNode,
  type StartState,
  waitersOf,
} from "./planner.ts";

type Condition = StartDependency["condition"];
const CONDITIONS: readonly Condition[] = [
  "service_started",
  "service_healthy",
  "service_completed_successfully",
];

function node(service: string, ...dependsOn: StartDependency[]): StartNode {
  return { service, dependsOn, mustComplete: false };
}
const on = (service: string, condition: Condition, required = true): StartDependency => ({
  service,
  condition,
  required,
});

describe("one dependency: what its state and the condition mean for the dependant", () => {
  const table: Record<Condition, Record<StartState | "absent", "start" | "wait" | "skip">> = {
    service_started: {
      waiting: "wait",
      starting: "wait",
      started: "start",
      ready: "start",
      completed: "start",
      failed: "start",
      skipped: "skip",
      absent: "skip",
    },
    service_healthy: {
      waiting: "wait",
      starting: "wait",
      started: "wait",
      ready: "start",
      completed: "skip",
      failed: "skip",
      skipped: "skip",
      absent: "skip",
    },
    service_completed_successfully: {
      waiting: "wait",
      starting: "wait",
      started: "wait",
      ready: "wait",
      completed: "start",
      failed: "skip",
      skipped: "skip",
      absent: "skip",
    },
  };
  for (const condition of CONDITIONS) {
    for (const [state, outcome] of Object.entries(table[condition])) {
      for (const required of [true, false]) {
        // What is not required may fail or be absent; it is still waited for.
        const wanted = outcome === "skip" && !required ? "start" : outcome;
        test(`${condition} · ${state} · ${required ? "required" : "optional"} → ${wanted}`, () => {
          const states = new Map<string, StartState>([["app", "waiting"]]);
          for (const known of Object.keys(table.service_started)) {
            if (known === state && isState(known)) states.set("db", known);
          }
          const plan = planNext([node("app", on("db", condition, required))], states);
          expect(plan).toEqual({
            start: wanted === "start" ? ["app"] : [],
            skip: wanted === "skip" ? ["app"] : [],
          });
        });
      }
    }
  }
});

function isState(text: string): text is StartState {
  return text !== "absent";
}

/** Edges go from later to earlier services only, so every graph is acyclic. */
const graphs = fc
  .array(
    fc.array(
      fc.record({
        to: fc.nat(),
        condition: fc.constantFrom(...CONDITIONS),
        required: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
    { minLength: 1, maxLength: 10 },
  )
  .map((rows) =>
    rows.map((edges, index) =>
      node(
        `s${index}`,
        ...(index === 0 ? [] : edges).map(({ to, condition, required }) =>
          on(`s${to % index}`, condition, required),
        ),
      ),
    ),
  );

/** What a started service becomes, unless somebody waits for its end. */
type Fate = "ready" | "completed" | "failed";

function simulate(
  nodes: readonly StartNode[],
  fates: readonly Fate[],
  order: readonly number[],
  betweenChanges?: (waiting: readonly StartNode[], now: ReadonlyMap<string, StartState>) => void,
) {
  const states = new Map<string, StartState>(nodes.map(({ service }) => [service, "waiting"]));
  const startedWith: { node: StartNode; states: ReadonlyMap<string, StartState> }[] = [];
  let turn = 0;
  for (;;) {
    const { start, skip } = planNext(nodes, states);
    for (const service of skip) states.set(service, "skipped");
    for (const service of start) {
      const found = nodes.find((candidate) => candidate.service === service);
      if (found !== undefined) startedWith.push({ node: found, states: new Map(states) });
      states.set(service, "started");
    }
    if (start.length + skip.length > 0) continue;
    betweenChanges?.(
      nodes.filter(({ service }) => states.get(service) === "waiting"),
      states,
    );
    const running = [...states].filter(([, state]) => state === "started");
    const next = running[(order[turn++ % order.length] ?? 0) % Math.max(1, running.length)];
    if (next === undefined) return { states, startedWith };
    states.set(next[0], fates[Number(next[0].slice(1)) % fates.length] ?? "ready");
  }
}

function holds({ service, condition }: StartDependency, states: ReadonlyMap<string, StartState>) {
  const state = states.get(service);
  if (condition === "service_healthy") return state === "ready";
  if (condition === "service_completed_successfully") return state === "completed";
  return state !== undefined && !["waiting", "starting", "skipped"].includes(state);
}

describe("any acyclic graph, services ending in any order", () => {
  const fates = fc.array(fc.constantFrom<Fate>("ready", "completed", "failed"), { minLength: 1 });
  const orders = fc.array(fc.nat(), { minLength: 1 });

  test("nothing starts before its required conditions hold, and nothing starts twice", () => {
    fc.assert(
      fc.property(graphs, fates, orders, (nodes, ends, order) => {
        const { startedWith } = simulate(nodes, ends, order);
        for (const { node: started, states } of startedWith) {
          for (const dependency of started.dependsOn) {
            const met = holds(dependency, states);
            const state = states.get(dependency.service);
            if (dependency.required) expect(met).toBe(true);
            else expect(met || (state !== "waiting" && state !== "started")).toBe(true);
          }
        }
        const names = startedWith.map(({ node: started }) => started.service);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  test("it never stands still: at the end only who waits for a running service to end is waiting", () => {
    fc.assert(
      fc.property(graphs, fates, orders, (nodes, ends, order) => {
        const { states } = simulate(nodes, ends, order);
        const mayWait = (service: string): boolean =>
          states.get(service) === "ready" ||
          (states.get(service) === "waiting" &&
            (nodes.find((other) => other.service === service)?.dependsOn ?? []).some((dependency) =>
              mayWait(dependency.service),
            ));
        for (const [service, state] of states) {
          expect(state).not.toBe("started");
          if (state === "waiting") expect(mayWait(service)).toBe(true);
        }
      }),
    );
  });

  test("nothing starts late: what may start starts with the very change that allows it", () => {
    fc.assert(
      fc.property(graphs, fates, orders, (nodes, ends, order) => {
        const { states } = simulate(nodes, ends, order, (waiting, now) => {
          // Between two changes nobody is left waiting whose every condition holds.
          for (const node of waiting) {
            expect(node.dependsOn.every((dependency) => holds(dependency, now))).toBe(false);
          }
        });
        expect(states.size).toBe(nodes.length);
      }),
    );
  });

  test("what is skipped has something required that cannot hold any more", () => {
    fc.assert(
      fc.property(graphs, fates, orders, (nodes, ends, order) => {
        const { states } = simulate(nodes, ends, order);
        for (const { service, dependsOn } of nodes) {
          const found = nodes.find((other) => other.service === service);
          const blockers = found === undefined ? [] : blockersOf(found, states);
          expect(blockers.length > 0).toBe(states.get(service) === "skipped");
          const impossible = dependsOn.some(
            (dependency) =>
              dependency.required &&
              !holds(dependency, states) &&
              ["skipped", "failed", "completed"].includes(states.get(dependency.service) ?? ""),
          );
          if (states.get(service) === "skipped") expect(impossible).toBe(true);
        }
      }),
    );
  });
});

test("optional is what somebody waits for and nobody requires", () => {
  const nodes = [
    node("cache"),
    node("db"),
    node("api", on("cache", "service_healthy", false), on("db", "service_healthy")),
    node("web", on("cache", "service_started", false), on("db", "service_healthy", false)),
  ];
  const optional = nodes.filter(({ service }) => isOptional(nodes, service));
  expect(optional.map(({ service }) => service)).toEqual(["cache"]);
});

test("waiters are found through others, each once, itself never", () => {
  const nodes = [
    node("db"),
    node("migrate", on("db", "service_healthy")),
    node("api", on("db", "service_healthy"), on("migrate", "service_completed_successfully")),
    node("web", on("api", "service_started")),
    node("cache"),
  ];
  expect(waitersOf(nodes, "db")).toEqual(["migrate", "api", "web"]);
  expect(waitersOf(nodes, "web")).toEqual([]);
  expect(waitersOf(nodes, "unknown")).toEqual([]);
});

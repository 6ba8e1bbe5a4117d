import { expect, test } from "vitest";
import type { EngineEvent } from "../engine/engine-shapes.ts";
import { OPTIONAL_LABEL } from "../stack/labels.ts";
import { afterEvent, missedEvents, NEVER_STARTED, runOf } from "./container-run.ts";

const at = (second: number) => new Date(second * 1_000).toISOString();

const event = (action: string, time: number): EngineEvent => ({
  ...{ action, time, containerId: "1", attributes: {} },
});

/** What is told of these events; a star marks those that are assumed. */
function told(...events: string[]): string[] {
  let run = NEVER_STARTED;
  return events.filter((text) => {
    const [action = "", time] = text.replace("*", "").split("@");
    const next = afterEvent(run, event(action, Number(time)), text.startsWith("*"));
    run = next ?? run;
    return next !== undefined;
  });
}

const WHOLE = ["start@1", "die@2", "start@3", "die@4", "start@5"];

test.each([
  ["every start and every end", WHOLE, WHOLE],
  ["what is assumed once, though the event comes after all", [...WHOLE, "*die@6", "die@6.1"], 6],
  ["a start that is assumed once", ["start@1", "die@2", "*start@3", "start@3.1"], 3],
  ["nothing of a run that another has followed", ["start@1", "*die@2", "*start@5", ...WHOLE], 3],
  ["what follows what was assumed", ["start@1", "*die@2", "start@3", "die@4"], 4],
  ["a clock that was set back", ["start@9", "die@2", "start@3"], 3],
])("%s", (_what, events, expected) => {
  expect(told(...events)).toEqual(
    typeof expected === "number" ? events.slice(0, expected) : expected,
  );
});

test("health is told when it changes, and anew in each run", () => {
  const [healthy, unhealthy] = ["health_status: healthy@2", "health_status: unhealthy@3"];
  expect(told("start@1", healthy, healthy, unhealthy, unhealthy, healthy)).toEqual([
    ...["start@1", healthy, unhealthy, healthy],
  ]);
  const again = ["start@1", healthy, "die@3", "start@4", healthy];
  expect(told(...again)).toEqual(again);
});

const container = {
  ...{ id: "1", labels: { a: "b" }, state: "running", exitCode: 0, oomKilled: false },
  ...{ startedAt: at(10), finishedAt: undefined, health: undefined },
};
const up = { ...NEVER_STARTED, startedAt: 10.2, starts: 1 };
const down = { ...up, endedAt: 12.3 };
const ended = { state: "exited", finishedAt: at(12), exitCode: 3 };

test.each([
  ["nothing has happened", up, {}, []],
  ["it ended", up, ended, ["die@12 3"]],
  ["its memory ran out", up, { ...ended, oomKilled: true }, ["oom@12", "die@12 3"]],
  ["it waits to be started again", up, { ...ended, state: "restarting" }, ["die@12 3"]],
  ["its end was told", down, ended, []],
  ["it was started again", down, { startedAt: at(15), finishedAt: at(12) }, ["start@15"]],
  [
    "it ended and was started again",
    ...([up, { startedAt: at(15), finishedAt: at(12) }] as const),
    ["die@12", "start@15"],
  ],
  [
    "it lived once more",
    ...([up, { ...ended, startedAt: at(15), finishedAt: at(16) }] as const),
    ["die@15", "start@15", "die@16 3"],
  ],
  [
    "its end: its second start was told",
    ...([
      { ...up, startedAt: 15.1, unendedAt: 10.2 },
      { startedAt: at(15), finishedAt: at(12) },
    ] as const),
    ["die@12"],
  ],
  [
    "its end and its second start: what was told is its second end",
    ...([
      { ...up, endedAt: 16.4 },
      { ...ended, startedAt: at(15), finishedAt: at(16) },
    ] as const),
    ["die@15", "start@15"],
  ],
  ["its first start", NEVER_STARTED, {}, ["start@10"]],
])("missed: %s", (_what, run, change, expected) => {
  const events = missedEvents(run, { ...container, ...change });
  expect(
    events.map(({ action, time, attributes }) =>
      `${action}@${time} ${attributes["exitCode"] ?? ""}`.trim(),
    ),
  ).toEqual(expected);
  for (const { attributes } of events) expect(attributes).toMatchObject(container.labels);
});

test("a start that comes without an end before it leaves that end to be found out, once", () => {
  const started = ["start@10.2", "start@15.1"].reduce((run, text) => {
    const [action = "", time] = text.split("@");
    return afterEvent(run, event(action, Number(time)), false) ?? run;
  }, NEVER_STARTED);
  const now = { ...container, startedAt: at(15), finishedAt: at(12) };
  const [end] = missedEvents(started, now);
  expect(end).toMatchObject({ action: "die", time: 12 });
  const after = end === undefined ? undefined : afterEvent(started, end, true);
  expect(missedEvents(after ?? started, now)).toEqual([]);
});

test("a start that is found out after its end was told is not taken for a running one", () => {
  expect(told("start@1", "die@6", "*die@5", "*start@5", "start@7", "die@8")).toHaveLength(6);
});

test("of what ran before anybody listened, nothing was missed", () => {
  expect(missedEvents(runOf(container), container)).toEqual([]);
  expect(missedEvents(runOf({ ...container, ...ended }), { ...container, ...ended })).toEqual([]);
});

test("the engine's late first look at what ran before is no change of its health", () => {
  const calm = { ...container, labels: { [OPTIONAL_LABEL.startPeriod]: "0" } };
  const healthy = event("health_status: healthy", 30);
  type Observed = Parameters<typeof runOf>[0];
  const news = (of: Observed) => afterEvent(runOf(of), healthy, false)?.health;
  expect(news({ ...calm, health: "starting" })).toBeUndefined();
  expect(news({ ...calm, health: "unhealthy" })).toBe("healthy");
  expect(news({ ...container, health: "starting" })).toBe("healthy");
});

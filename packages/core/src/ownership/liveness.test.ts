import { expect, test } from "vitest";
import { judgeLiveness, type Liveness } from "./liveness.ts";
import type { ProcessOwner } from "./owner.ts";
import type { ProcessReading } from "./platform/platform.ts";

const self: ProcessOwner = {
  kind: "process",
  host: "host",
  boot: "boot",
  pidNamespace: "pid:[1]",
  pid: 1,
  startTime: "100",
};
const running = (startTime: string): ProcessReading => ({ state: "running", startTime });

test.each<[string, Partial<ProcessOwner>, ProcessReading, Liveness, Partial<ProcessOwner>?]>([
  ["the same process", {}, running("100"), "alive"],
  ["its pid is free", {}, { state: "gone" }, "dead"],
  ["its pid went to another process", {}, running("999"), "dead"],
  ["nothing can be read", {}, { state: "unreadable" }, "unknown"],
  ["another host, pid free here", { host: "other" }, { state: "gone" }, "unknown"],
  ["another host and boot", { host: "other", boot: "other" }, running("999"), "unknown"],
  ["the host booted since", { boot: "other" }, running("100"), "dead"],
  ["its boot is unknown, pid free", { boot: "" }, { state: "gone" }, "dead"],
  ["its boot is unknown, same start", { boot: "" }, running("100"), "alive"],
  ["our boot is unknown", { boot: "other" }, running("100"), "alive", { boot: "" }],
  ["another pid namespace", { pidNamespace: "pid:[2]" }, { state: "gone" }, "unknown"],
  ["no namespaces on this platform", { pidNamespace: "" }, running("100"), "unknown"],
  ["its start is unknown", { startTime: "" }, running("100"), "alive"],
  ["the reading has no start", {}, running(""), "alive"],
])("%s", (_case, owner, reading, verdict, ours = {}) => {
  expect(judgeLiveness({ ...self, ...owner }, { ...self, ...ours }, reading)).toBe(verdict);
});

const readings: readonly ProcessReading[] = [
  ...["100", "999", ""].map(running),
  { state: "gone" },
  { state: "unreadable" },
];

/** The rule in other words: a death needs a proof, and a proof needs to have been read. */
function expected(owner: ProcessOwner, ours: ProcessOwner, reading: ProcessReading): Liveness {
  const known = (...texts: string[]) => !texts.includes("");
  const hasBooted = known(owner.boot, ours.boot) && owner.boot !== ours.boot;
  const sees = owner.pidNamespace === ours.pidNamespace;
  const isReused =
    reading.state === "running" &&
    known(owner.startTime, reading.startTime) &&
    reading.startTime !== owner.startTime;
  if (owner.host === ours.host) {
    if (hasBooted || (sees && (reading.state === "gone" || isReused))) return "dead";
    if (sees && reading.state === "running") return "alive";
  }
  return "unknown";
}

test("every combination of host, boot, namespace, start and reading", () => {
  const facts = ["host", "other"].flatMap((host) =>
    ["boot", "other", ""].flatMap((boot) =>
      ["pid:[1]", "pid:[2]", ""].flatMap((pidNamespace) =>
        ["100", ""].flatMap((startTime) =>
          readings.flatMap((reading) =>
            [self, { ...self, boot: "" }, { ...self, pidNamespace: "" }].map((ours) => ({
              owner: { ...self, host, boot, pidNamespace, startTime },
              ours,
              reading,
            })),
          ),
        ),
      ),
    ),
  );
  expect(facts).toHaveLength(2 * 3 * 3 * 2 * 5 * 3);
  const verdicts = facts.map(({ owner, ours, reading }) => {
    const verdict = judgeLiveness(owner, ours, reading);
    expect(verdict, JSON.stringify({ owner, ours, reading })).toBe(expected(owner, ours, reading));
    return verdict;
  });
  expect(new Set(verdicts)).toEqual(new Set(["alive", "dead", "unknown"]));
});

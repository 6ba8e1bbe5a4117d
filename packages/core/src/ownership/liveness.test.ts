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

test.each<
  [string, Partial<ProcessOwner>, ProcessReading, Liveness, Partial<ProcessOwner>?, boolean?]
>([
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
  ["another boot, or a clone's", { boot: "other" }, running("100"), "unknown", {}, true],
  ["no boot to tell a clone by", { boot: "" }, { state: "gone" }, "unknown", {}, true],
  ["this very boot, so no clone", {}, { state: "gone" }, "dead", {}, true],
])("%s", (_case, owner, reading, verdict, ours = {}, mayBeClone = false) => {
  const found = judgeLiveness({ ...self, ...owner }, { ...self, ...ours }, reading, mayBeClone);
  expect(found).toBe(verdict);
});

const readings: readonly ProcessReading[] = [
  ...["100", "999", ""].map(running),
  { state: "gone" },
  { state: "unreadable" },
];

interface Facts {
  readonly owner: ProcessOwner;
  readonly ours: ProcessOwner;
  readonly reading: ProcessReading;
  readonly mayBeClone: boolean;
}

/** The rule in other words: a death needs a proof, and a proof needs to have been read, on its machine. */
function expected({ owner, ours, reading, mayBeClone }: Facts): Liveness {
  const known = (...texts: string[]) => !texts.includes("");
  const hasBooted = known(owner.boot, ours.boot) && owner.boot !== ours.boot;
  const isThisBoot = known(owner.boot, ours.boot) && !hasBooted;
  const sees = owner.pidNamespace === ours.pidNamespace;
  const isReused =
    reading.state === "running" &&
    known(owner.startTime, reading.startTime) &&
    reading.startTime !== owner.startTime;
  const isHere = owner.host === ours.host && (!mayBeClone || isThisBoot);
  if (isHere) {
    if (hasBooted || (sees && (reading.state === "gone" || isReused))) return "dead";
    if (sees && reading.state === "running") return "alive";
  }
  return "unknown";
}

test("every combination of host, boot, namespace, start, reading and doubt", () => {
  const facts: Facts[] = ["host", "other"].flatMap((host) =>
    ["boot", "other", ""].flatMap((boot) =>
      ["pid:[1]", "pid:[2]", ""].flatMap((pidNamespace) =>
        ["100", ""].flatMap((startTime) =>
          readings.flatMap((reading) =>
            [self, { ...self, boot: "" }, { ...self, pidNamespace: "" }].flatMap((ours) =>
              [true, false].map((mayBeClone) => ({
                owner: { ...self, host, boot, pidNamespace, startTime },
                ours,
                reading,
                mayBeClone,
              })),
            ),
          ),
        ),
      ),
    ),
  );
  expect(facts).toHaveLength(2 * 3 * 3 * 2 * 5 * 3 * 2);
  const verdicts = facts.map((one) => {
    const verdict = judgeLiveness(one.owner, one.ours, one.reading, one.mayBeClone);
    expect(verdict, JSON.stringify(one)).toBe(expected(one));
    return verdict;
  });
  expect(new Set(verdicts)).toEqual(new Set(["alive", "dead", "unknown"]));
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { ResumePoint, toEngineTime } from "./resume-point.ts";

const stamp = (n: number) => `2026-01-01T00:00:00.${String(n).padStart(9, "0")}Z`;

/** As the engine gives its log: from the first entry that is not older, in the order of its file. */
function logSince(log: readonly number[], since: string | undefined): number[] {
  const first = since === undefined ? 0 : log.findIndex((time) => stamp(time) >= since);
  return first === -1 ? [] : log.slice(first);
}

/** The indices of what was taken for new, when the stream is cut after so many entries each time. */
function read(log: readonly number[], cuts: readonly number[]): number[] {
  const resume = new ResumePoint();
  const taken: number[] = [];
  for (const cut of [...cuts, log.length]) {
    const given = logSince(log, resume.since);
    resume.reopen();
    for (const [index, time] of given.slice(0, cut).entries()) {
      const news = resume.accept(stamp(time));
      expect(news).not.toBe("new after a gap");
      if (news === "new") taken.push(log.length - given.length + index);
    }
  }
  return taken;
}

test("cut anywhere and as often as may be, each entry is new once, in order", () => {
  // Equal times, and times that run backwards for a moment.
  const logs = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 30 });
  const growing = logs.map((steps) => steps.map((step, index) => index + step));
  fc.assert(
    fc.property(fc.oneof(logs, growing), fc.array(fc.nat(30)), (log, cuts) => {
      expect(read(log, cuts)).toEqual(log.map((_, index) => index));
    }),
  );
});

test("what the engine removed meanwhile is a gap", () => {
  const resume = new ResumePoint();
  resume.reopen();
  expect([1, 2].map((time) => resume.accept(stamp(time)))).toEqual(["new", "new"]);
  resume.reopen();
  expect([7, 8].map((time) => resume.accept(stamp(time)))).toEqual(["new after a gap", "new"]);
  resume.reopen();
  expect([8, 9].map((time) => resume.accept(stamp(time)))).toEqual(["seen", "new"]);
});

test("the engine takes seconds, with nanoseconds", () => {
  expect(toEngineTime("2026-01-01T00:00:00.000000001Z")).toBe("1767225600.000000001");
  expect(toEngineTime("2026-01-01T00:00:00Z")).toBe("1767225600.000000000");
});

import { describe, expect, test } from "vitest";
import type { StartNode } from "./planner.ts";
import { type StartRecord, startProfile } from "./start-profile.ts";

const node = (service: string, ...on: string[]): StartNode => ({
  service,
  mustComplete: false,
  dependsOn: on.map((name) => ({ service: name, condition: "service_healthy", required: true })),
});
const record = (requestedMs: number, startedMs: number, readyMs: number, image = "x") =>
  ({ image, requestedMs, startedMs, readyMs }) satisfies StartRecord;

const nodes = [node("db"), node("cache"), node("api", "db", "cache"), node("web", "api")];

test("each service with its times, and what it waited for last", () => {
  const { services, criticalPath } = startProfile(
    nodes,
    new Map([
      ["db", record(300, 500, 1_500)],
      ["cache", record(300, 520, 600)],
      ["api", record(1_500, 1_700, 1_800)],
      ["web", record(1_800, 2_000, 2_100)],
    ]),
    300,
  );
  expect(services.map(({ name, waitedFor }) => [name, waitedFor])).toEqual([
    ["db", undefined],
    ["cache", undefined],
    ["api", "db"],
    ["web", "api"],
  ]);
  expect(services[2]).toMatchObject({ requestedMs: 1_500, startedMs: 1_700, readyMs: 1_800 });
  expect(criticalPath).toEqual(["db", "api", "web"]);
});

test("a start that is not over has the path of what is ready", () => {
  const records = new Map<string, StartRecord>([
    ["db", record(300, 500, 1_500)],
    ["api", { image: "x", requestedMs: 1_500 }],
  ]);
  expect(startProfile(nodes, records, 300).criticalPath).toEqual(["db"]);
});

describe("the cheapest improvement", () => {
  const advice = (db: StartRecord, createdMs = 300) =>
    startProfile([node("db")], new Map([["db", db]]), createdMs).advice;

  test("a database that makes its data folder", () => {
    expect(advice(record(300, 500, 1_500, "postgres:17"))).toBe(
      "“db” spends 1.0 s between its start and ready, where it makes its data folder: an image that already has one saves most of it.",
    );
  });
  test("anything else that is slow", () => {
    expect(advice(record(300, 500, 1_500))).toBe(
      "“db” spends 1.0 s between its start and ready, more than anything else on the way.",
    );
  });
  test("more time before the start than after it", () => {
    expect(advice(record(4_000, 4_200, 4_600), 4_000)).toBe(
      "4.0 s pass before anything starts, more than any service needs; “db” spends 0.4 s between its start and ready.",
    );
  });
  test("nothing worth a word", () => {
    expect(advice(record(300, 500, 600))).toBeUndefined();
  });
});

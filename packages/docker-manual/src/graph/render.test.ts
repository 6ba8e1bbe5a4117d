import type { StackSummary } from "@real-services/core";
import { expect, test } from "vitest";
import { renderGraph } from "./render.ts";

const healthy = (service: string) => ({
  service,
  condition: "service_healthy" as const,
  required: true,
});
const never = { hash: "0", services: ["api", "db", "cache", "migrate"] };
const graph: StackSummary["graph"] = [
  {
    service: "api",
    image: "api",
    dependsOn: [
      { ...healthy("migrate"), condition: "service_completed_successfully" },
      { ...healthy("cache"), condition: "service_started" },
    ],
  },
  { service: "db", image: "postgres", dependsOn: [] },
  { service: "cache", image: "redis", dependsOn: [] },
  { service: "migrate", image: undefined, dependsOn: [healthy("db")] },
];
const service = (name: string, readyMs: number) => ({
  name,
  createdMs: 400,
  requestedMs: 400,
  startedMs: 600,
  readyMs,
  waitedFor: undefined,
});
const stack: StackSummary = {
  ...never,
  graph,
  lastStart: {
    services: [service("api", 3_210), service("db", 1_900), service("cache", 700)],
    criticalPath: ["db", "migrate", "api"],
    advice: "“db” spends 1.3 s between its start and ready.",
  },
};

test("as text: those first who wait for nobody", () => {
  expect(renderGraph(stack, "text").join("\n")).toMatchInlineSnapshot(`
    "* db        1.9 s
      cache     0.7 s
    * migrate          after db (healthy)
    * api       3.2 s  after migrate (done), cache

    * decided when the last one was ready, at the last start
    “db” spends 1.3 s between its start and ready."
  `);
  expect(renderGraph({ ...never, graph, lastStart: undefined }, "text").at(-1)).toBe(
    "It was not started here in the last month.",
  );
});

test("as Mermaid", () => {
  expect(renderGraph(stack, "mermaid").join("\n")).toMatchInlineSnapshot(`
    "flowchart LR
      s0["api<br>3.2 s"]
      s1["db<br>1.9 s"]
      s2["cache<br>0.7 s"]
      s3["migrate"]
      s3 -->|done| s0
      s2 --> s0
      s1 -->|healthy| s3
      classDef critical stroke-width:3px
      class s0,s1,s3 critical"
  `);
});

test("as SVG: every service has its place, every edge two ends", () => {
  const lines = renderGraph({ ...stack, graph: [...graph] }, "svg");
  expect(lines.filter((line) => line.includes("<rect"))).toHaveLength(4);
  expect(lines.filter((line) => line.includes("marker-end"))).toHaveLength(3);
  expect(lines.join("")).not.toContain("NaN");
});

test("nothing at all", () => {
  const empty: StackSummary = { hash: "0", services: [], graph: [], lastStart: undefined };
  for (const format of ["text", "mermaid", "svg"] as const) {
    expect(renderGraph(empty, format).join("")).not.toMatch(/NaN|Infinity/);
  }
});

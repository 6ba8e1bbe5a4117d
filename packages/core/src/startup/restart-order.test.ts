import { expect, test } from "vitest";
import type { StartNode } from "./planner.ts";
import { restartOrder } from "./restart-order.ts";

function node(service: string, ...dependsOn: readonly (readonly [string, boolean])[]): StartNode {
  return {
    service,
    mustComplete: false,
    dependsOn: dependsOn.map(([name, restart]) => ({
      service: name,
      condition: "service_healthy",
      required: true,
      restart,
    })),
  };
}

test("dependants with restart: true follow, as far as that reaches, in their order", () => {
  const nodes = [
    node("web", ["api", true], ["cache", true]),
    node("api", ["db", true]),
    node("job", ["db", false]),
    node("cache"),
    node("db"),
  ];
  const order = restartOrder(nodes, ["db"]);
  const waits = order.map(({ service, dependsOn }) => [
    service,
    dependsOn.map((one) => one.service),
  ]);
  expect(waits).toEqual([
    ["web", ["api"]],
    ["api", ["db"]],
    ["db", []],
  ]);
  expect(restartOrder(nodes, ["job", "cache"]).map(({ service }) => service)).toEqual([
    "web",
    "job",
    "cache",
  ]);
});

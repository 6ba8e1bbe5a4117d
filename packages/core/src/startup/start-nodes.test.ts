import { describe, expect, test } from "vitest";
import type { ComposeService } from "../stack/model.ts";
import { startNodes, staysUp } from "./start-nodes.ts";

const healthy = { condition: "service_healthy" } as const;
const completed = { condition: "service_completed_successfully" } as const;

test("the graph has every dependency, said or implied, and knows whose end is waited for", () => {
  const nodes = startNodes({
    services: {
      db: { healthcheck: { test: ["CMD", "true"] } },
      job: { depends_on: { db: { ...healthy, restart: true } } },
      app: { depends_on: { job: completed, cache: { ...healthy, required: false } } },
      sidecar: { network_mode: "service:app", pid: "service:db", healthcheck: { disable: true } },
      twice: { network_mode: "service:db", depends_on: { db: healthy } },
    },
  });
  expect(Object.fromEntries(nodes.map(({ service, ...node }) => [service, node]))).toEqual({
    db: { dependsOn: [], mustComplete: false },
    job: {
      dependsOn: [{ service: "db", condition: "service_healthy", required: true, restart: true }],
      mustComplete: true,
    },
    app: {
      dependsOn: [
        { service: "job", condition: "service_completed_successfully", required: true },
        { service: "cache", condition: "service_healthy", required: false },
      ],
      mustComplete: false,
    },
    sidecar: {
      dependsOn: [
        { service: "app", condition: "service_started", required: true, restart: true },
        { service: "db", condition: "service_started", required: true, restart: true },
      ],
      mustComplete: false,
    },
    twice: {
      dependsOn: [{ service: "db", condition: "service_healthy", required: true }],
      mustComplete: false,
    },
  });
});

describe("a service that stays up", () => {
  test.each<[ComposeService | undefined, boolean]>([
    [undefined, false],
    [{}, false],
    [{ restart: "no" }, false],
    [{ restart: "on-failure:3" }, false],
    [{ restart: "always" }, true],
    [{ restart: "unless-stopped" }, true],
    [{ restart: "always", deploy: { restart_policy: { condition: "none" } } }, false],
    [{ deploy: { restart_policy: {} } }, true],
    [{ deploy: { restart_policy: { condition: "on-failure" } } }, false],
    [{ deploy: {} }, false],
  ])("%j: %o", (service, expected) => {
    expect(staysUp(service)).toBe(expected);
  });
});

import { expect, test } from "vitest";
import { neededServices } from "./needed-services.ts";

test("only one-shot work may have ended", () => {
  const needed = neededServices({
    services: {
      redis: { healthcheck: { test: ["CMD", "redis-cli", "ping"] } },
      db: {},
      migrate: { depends_on: { db: { condition: "service_healthy" } } },
      seed: { healthcheck: { test: ["NONE"] } },
      sidecar: { network_mode: "service:web" },
      forever: { restart: "always" },
      web: {
        ports: [{ target: 80 }],
        depends_on: { migrate: { condition: "service_completed_successfully" } },
      },
    },
  });
  const ended = needed.filter(({ mayComplete }) => mayComplete).map(({ service }) => service);
  expect(ended).toEqual(["migrate", "seed", "sidecar"]);
});

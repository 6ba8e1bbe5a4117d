import { expect, test } from "vitest";
import type { ComposeModel } from "../stack/model.ts";
import { completable } from "./completable.ts";

test("only one-shot work may have ended", () => {
  const model: ComposeModel = {
    services: {
      redis: { healthcheck: { test: ["CMD", "redis-cli", "ping"] } },
      db: {},
      migrate: { depends_on: { db: { condition: "service_healthy" } } },
      seed: { healthcheck: { test: ["NONE"] } },
      sidecar: { network_mode: "service:web" },
      forever: { restart: "always" },
      published: {},
      web: {
        ports: [{ target: 80 }],
        depends_on: { migrate: { condition: "service_completed_successfully" } },
      },
    },
  };
  expect([...completable(model, { published: [9_229] })]).toEqual(["migrate", "seed", "sidecar"]);
});

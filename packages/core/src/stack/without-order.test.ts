import { expect, test } from "vitest";
import { OPTIONAL_LABEL } from "./labels.ts";
import { readDependencies, withoutOrder } from "./without-order.ts";

test("what Compose need not know is read back from the labels", () => {
  const model = {
    name: "shop",
    services: {
      db: { image: "postgres" },
      api: {
        image: "api",
        labels: { team: "a" },
        depends_on: {
          db: { condition: "service_healthy" as const, restart: true },
          migrate: { condition: "service_completed_successfully" as const, required: false },
        },
      },
    },
  };
  const { services } = withoutOrder(model);
  expect(services["db"]).toBe(model.services.db);
  expect(services["api"]).toEqual({
    image: "api",
    labels: {
      team: "a",
      [OPTIONAL_LABEL.dependsOn]:
        "db:service_healthy:restart,migrate:service_completed_successfully",
    },
  });
  expect(readDependencies(services["api"]?.labels ?? {})).toEqual([
    { service: "db", condition: "service_healthy", restart: true },
    { service: "migrate", condition: "service_completed_successfully", restart: false },
  ]);
  expect(readDependencies({})).toEqual([]);
});

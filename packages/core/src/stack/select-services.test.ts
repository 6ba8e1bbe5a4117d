import { describe, expect, test } from "vitest";
import { RealServicesError } from "../errors.ts";
import type { ComposeModel } from "./model.ts";
import { selectServices } from "./select-services.ts";

const needs = (...names: string[]) => ({
  depends_on: Object.fromEntries(
    names.map((name) => [name, { condition: "service_started" as const }]),
  ),
});
const model: ComposeModel = {
  name: "shop",
  services: {
    web: { image: "web", ...needs("api"), profiles: ["ui"] },
    api: { image: "api", ...needs("postgres", "redis") },
    postgres: { image: "postgres" },
    redis: { image: "redis" },
    sidecar: { image: "sidecar", network_mode: "service:redis" },
    job: {
      image: "job",
      depends_on: {
        tracing: { condition: "service_started", required: false },
        redis: { condition: "service_started", required: false },
      },
    },
  },
};
const selected = (...wanted: string[]) => Object.keys(selectServices(model, wanted).services);

test.each([
  ["nothing wanted means all", [], ["web", "api", "postgres", "redis", "sidecar", "job"]],
  ["one alone", ["redis"], ["redis"]],
  [
    "what it depends on comes along, in the order of the file",
    ["web"],
    ["web", "api", "postgres", "redis"],
  ],
  ["several", ["postgres", "redis"], ["postgres", "redis"]],
  ["named twice", ["redis", "redis"], ["redis"]],
  ["whose network it joins comes along", ["sidecar"], ["redis", "sidecar"]],
  ["an optional dependency that is not there is no error", ["job"], ["redis", "job"]],
])("%s", (_case, wanted: string[], names) => {
  expect(selected(...wanted)).toEqual(names);
});

test("a service that was asked for loses its profiles, and nothing else changes", () => {
  const { web } = selectServices(model, ["web"]).services;
  expect(web).toEqual({ image: "web", ...needs("api") });
  expect(selectServices(model, ["web"]).name).toBe("shop");
});

describe("an unknown service is refused", () => {
  test.each([
    ["postgress", "Did you mean “postgres”?"],
    ["Postgres", "Did you mean “postgres”?"],
    ["ap", "Did you mean “api”?"],
    ["kafka", "It has: web, api"],
    ["constructor", "It has: web, api"],
    ["__proto__", "It has: web, api"],
    ["", "It has: web, api"],
  ])("%o: %s", (name, hint) => {
    const error = refusal(() => selectServices(model, ["redis", name]));
    expect(error.code).toBe("REAL_SERVICES_UNKNOWN_SERVICE");
    expect(error.received).toBe(name);
    expect(error.hint).toContain(hint);
    expect(error.hint).toContain("postgres, redis, sidecar");
  });

  test("a far-off name suggests nothing", () => {
    expect(refusal(() => selectServices(model, ["zzzzzz"])).hint).not.toContain("Did you mean");
  });
});

test("a stack without services is refused with a word on profiles", () => {
  const error = refusal(() => selectServices({ services: {} }, []));
  expect(error.code).toBe("REAL_SERVICES_INVALID_COMPOSE_FILE");
  expect(error.hint).toMatch(/`profiles`.*`--profile`/);
});

function refusal(action: () => unknown): RealServicesError {
  try {
    action();
  } catch (error) {
    if (error instanceof RealServicesError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

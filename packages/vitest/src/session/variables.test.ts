import type { ServiceInfo } from "@real-services/core";
import { expect, test } from "vitest";
import { ExposedVariables } from "./exposed-variables.ts";
import { completeServices, resolveVariables } from "./variables.ts";

const web: ServiceInfo = {
  name: "web",
  image: "web:1",
  host: "127.0.0.1",
  port: 30_001,
  url: "http://127.0.0.1:30001",
  ports: [],
  containers: [],
};

test("values become strings", async () => {
  const env = () => ({ PORT: 30_001, DEBUG: true, URL: web.url });
  await expect(resolveVariables(env, { web }, false)).resolves.toEqual({
    PORT: "30001",
    DEBUG: "true",
    URL: "http://127.0.0.1:30001",
  });
});

test("a variable without a value is refused", async () => {
  const env = () => ({ URL: undefined });
  await expect(resolveVariables(env, { web }, false)).rejects.toThrow("gave no value for URL");
});

test("with a subset, variables of services that were left out are left out", async () => {
  const services = completeServices({ web }, ["web", "redis"]);
  const env = ({ web, redis }: typeof services) => ({ WEB: web?.url, REDIS: redis?.url });
  await expect(resolveVariables(env, services, true)).resolves.toEqual({ WEB: web.url });
});

type Env = (services: Readonly<Record<string, ServiceInfo>>) => Record<string, string | undefined>;

test.each<[string, Env]>([
  ["read", (services) => ({ URL: services["webb"]?.url })],
  ["read without a question mark", (services) => ({ URL: (services["webb"] as ServiceInfo).url })],
  ["taken apart", (services) => (({ url }) => ({ URL: url }))(services["webb"] as ServiceInfo)],
])("a service that there is not is named with the nearest: %s", async (_case, env) => {
  await expect(resolveVariables(env, { web }, false)).rejects.toMatchObject({
    code: "REAL_SERVICES_UNKNOWN_SERVICE",
    message: expect.stringContaining("“webb”"),
    hint: "Did you mean “web”? It has: web.",
  });
});

test("a service that there is not may be asked for", async () => {
  const env: Env = (services) => ({ CACHE: services["cache"]?.url ?? "none", URL: web.url });
  await expect(resolveVariables(env, { web }, false)).resolves.toMatchObject({ CACHE: "none" });
});

test("an `env` that throws names the services there are", async () => {
  const env = (services: Readonly<Record<string, ServiceInfo>>) => {
    throw new TypeError(`no postgres in ${Object.keys(services)}`);
  };
  await expect(resolveVariables(env, { web }, false)).rejects.toMatchObject({
    code: "REAL_SERVICES_INVALID_OPTION",
    hint: "The services are: web.",
  });
});

test("exposed variables are put back", () => {
  const env: NodeJS.ProcessEnv = { DATABASE_URL: "mine" };
  const exposed = new ExposedVariables(env);
  exposed.expose({ DATABASE_URL: "theirs", CACHE_URL: "new" });
  expect(env).toEqual({ DATABASE_URL: "theirs", CACHE_URL: "new" });
  exposed.restore();
  expect(env).toEqual({ DATABASE_URL: "mine" });
});

test("a variable that two projects want differently is nobody's", () => {
  const env: NodeJS.ProcessEnv = { DATABASE_URL: "mine" };
  const exposed = new ExposedVariables(env);
  exposed.expose({ DATABASE_URL: "a" });
  exposed.expose({ DATABASE_URL: "b" });
  exposed.expose({ DATABASE_URL: "b" });
  expect(env).toEqual({});
});

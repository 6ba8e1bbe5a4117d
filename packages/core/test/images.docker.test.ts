/** An image that can be neither found, pulled nor built ends the acquire before anything is created. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { IMAGE, refusal, Scenario } from "./scenario.ts";

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A registry on this host that answers everything with one status; the engine trusts 127.0.0.1. */
async function registry(status: number, headers: Record<string, string> = {}) {
  const code = status === 429 ? "TOOMANYREQUESTS" : "DENIED";
  const body = JSON.stringify({ errors: [{ code, message: "the registry's own words" }] });
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const isPing = request.url === "/v2/";
    response.writeHead(isPing && status !== 401 ? 200 : status, {
      "content-type": "application/json",
      ...headers,
    });
    response.end(isPing ? "" : body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const isBound = (found: typeof address): found is AddressInfo => typeof found === "object";
  if (!isBound(address)) throw new Error("The registry has no port.");
  return {
    host: `127.0.0.1:${address.port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

test.each([
  [
    401,
    { "www-authenticate": 'Basic realm="test"' },
    /no basic auth|unauthorized/,
    /wants a login/,
  ],
  [404, {}, /not found|manifest unknown|denied/i, /docker login/],
  [429, {}, /too ?many ?requests/i, /rate limit is reached: `docker login`, or wait/],
  ...(IS_SOAK
    ? [
        [403, {}, /denied|403|forbidden/i, /docker login/] as const,
        [500, {}, /500|received unexpected HTTP status/i, /docker login/] as const,
      ]
    : []),
] as const)("a registry that answers %d", async (status, headers, reason, hint) => {
  await using server = await registry(status, headers);
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  ok: { image: ${IMAGE} }
  app: { image: "${server.host}/shop/app:1" }
  twin: { image: "${server.host}/shop/app:1" }
`,
  });
  const error = await refusal(scenario.manager().acquireEnvironment());
  expect(error.code).toBe("REAL_SERVICES_IMAGE_UNAVAILABLE");
  expect(error.received).toContain(`${server.host}/shop/app:1`);
  expect(error.message).toContain("“app”");
  expect(error.message).toMatch(reason);
  expect(error.hint).toMatch(hint);
  expect(server.requests.length).toBeGreaterThan(0);
  expect(scenario.story("image:pulling", "image:pulled")).toEqual(["image:pulling"]);
  await scenario.expectNothingLeft();
});

test("nobody listens at the registry's address", async () => {
  await using scenario = new Scenario({
    "compose.yaml": "services: { app: { image: '127.0.0.1:1/shop/app:1' } }",
  });
  const error = await refusal(scenario.manager().acquireEnvironment());
  expect(error.code).toBe("REAL_SERVICES_IMAGE_UNAVAILABLE");
  expect(error.message).toMatch(/connection refused/);
  await scenario.expectNothingLeft();
});

test("a build context that is not there, and DEBUG set", async () => {
  vi.stubEnv("DEBUG", "app:*");
  await using scenario = new Scenario({
    "compose.yaml": "services: { app: { build: ./missing, image: '127.0.0.1:1/shop/app:1' } }",
  });
  const error = await refusal(scenario.manager().acquireEnvironment());
  expect(error.code).toBe("REAL_SERVICES_BUILD_FAILED");
  expect(error.message).toContain("missing");
  await scenario.expectNothingLeft();
});

test("an image's name that is none", async () => {
  await using scenario = new Scenario({
    "compose.yaml": "services: { app: { image: 'Not A Name' } }",
  });
  const error = await refusal(scenario.manager().acquireEnvironment());
  expect(error.code).toBe("REAL_SERVICES_IMAGE_UNAVAILABLE");
  expect(error.message).toMatch(/invalid reference/);
  await scenario.expectNothingLeft();
});

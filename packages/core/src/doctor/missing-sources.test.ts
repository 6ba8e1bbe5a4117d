import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { EngineClient } from "../engine/client.ts";
import { parseEndpoint } from "../engine/endpoint.ts";
import { findMissingSources } from "./missing-sources.ts";

const folder = mkdtempSync(join(tmpdir(), "missing-sources-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "file"), "");

const bind = (name: string) => ({ type: "bind", source: join(folder, name), target: "/x" });
const model = {
  services: {
    web: { volumes: [bind("file"), bind("no"), bind("file/below"), bind(".")] },
    db: { volumes: [bind("no"), { type: "volume", source: "/no", target: "/x" }] },
    worker: {},
  },
};

test.each([
  ["of an engine on this host", "tcp://127.0.0.1:2375", ["no", "file/below"]],
  ["of an engine elsewhere: nobody knows", "tcp://192.0.2.7:2375", []],
])("%s", async (_where, url, missing) => {
  const engine = new EngineClient(parseEndpoint(url, "DOCKER_HOST", {}));
  const found = await findMissingSources(model, engine);
  expect([...found]).toEqual(missing.map((name) => join(folder, name)));
});

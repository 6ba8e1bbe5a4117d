/** Whatever is wrong with a command or a stack is said in one readable text, and leaves nothing. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OLDER_NODE } from "../../vitest/test/consumer.ts";
import type { CommandHost } from "./command-host.ts";
import { IMAGE, STACK, Workshop } from "./workshop.ts";

let workshop: Workshop;
let host: CommandHost;
beforeAll(async () => {
  workshop = await Workshop.open({});
  host = workshop.host();
});
afterAll(async () => {
  host[Symbol.dispose]();
  await workshop[Symbol.asyncDispose]();
});

interface BadInput {
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** @default 1 */
  readonly exitCode?: number;
  readonly says: readonly string[];
}

const service = `services: { web: { image: "${IMAGE}" } }`;

/** That a command ends by itself where nothing answers is seen in a process of its own. */
const OWN_PROCESS = ["no engine", "no engine to look at"];

test.each<[string, BadInput]>([
  [
    "a command that does not exist",
    { args: ["strat"], exitCode: 2, says: ["Did you mean start?"] },
  ],
  ["no compose file", { args: ["start"], files: {}, says: ["REAL_SERVICES_NO_COMPOSE_FILE"] }],
  [
    "a compose file that is not there",
    { args: ["start", "-f", "other.yaml"], says: ["REAL_SERVICES_NO_COMPOSE_FILE", "other.yaml"] },
  ],
  [
    "two candidates",
    {
      args: ["start"],
      files: { "compose.yaml": service, "docker-compose.yml": service },
      says: ["REAL_SERVICES_AMBIGUOUS_COMPOSE_FILE", "docker-compose.yml"],
    },
  ],
  [
    "invalid YAML",
    {
      args: ["start"],
      files: { "compose.yaml": "services: [" },
      says: ["REAL_SERVICES_INVALID_COMPOSE_FILE"],
    },
  ],
  [
    "a service that is not in the stack",
    {
      args: ["start", "-f", "compose.yaml", "wbe"],
      says: ["REAL_SERVICES_UNKNOWN_SERVICE", "Did you mean “web”?"],
    },
  ],
  [
    "a lease that is over before the environment is ready",
    {
      args: ["start", "--lease", "1ms"],
      files: { "compose.yaml": `services: { web: { image: "${IMAGE}", command: ["false"] } }` },
      says: ["REAL_SERVICES_SERVICE_EXITED", "Its lease of 1ms was over", "--lease"],
    },
  ],
  [
    "no engine",
    {
      args: ["start"],
      env: { DOCKER_HOST: "unix:///nonexistent" },
      says: ["REAL_SERVICES_NO_ENGINE", "unix:///nonexistent"],
    },
  ],
  [
    "no engine, and a --json that is for the command inside",
    {
      args: ["exec", "web", "tool", "--json"],
      env: { DOCKER_HOST: "unix:///nonexistent" },
      says: ["REAL_SERVICES_NO_ENGINE"],
    },
  ],
  [
    "no engine to look at",
    {
      args: ["status"],
      env: { DOCKER_HOST: "unix:///nonexistent" },
      says: ["REAL_SERVICES_NO_ENGINE"],
    },
  ],
])("%s", async (what, { args, files = STACK, env = {}, exitCode = 1, says }) => {
  const cwd = join(workshop.folder, what);
  mkdirSync(cwd);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(cwd, file), content);
  const result = await (OWN_PROCESS.includes(what)
    ? workshop.run(args, { cwd, env })
    : workshop.runIn(host, args, { cwd, env }));
  expect(result.exitCode, result.stderr).toBe(exitCode);
  expect(result.stdout).toBe("");
  for (const words of says) expect(result.stderr).toContain(words);
  expect(result.stderr).not.toMatch(/^\s+at /m);
  expect(await workshop.environments()).toEqual([]);
});

test("an older Node.js is named", async () => {
  const { exitCode, stderr } = await workshop.run(["--version"], { env: OLDER_NODE });
  expect(stderr).toMatch(/^docker-manual needs Node\.js .*; this is 20\.1\.0$/);
  expect(exitCode).toBe(2);
});

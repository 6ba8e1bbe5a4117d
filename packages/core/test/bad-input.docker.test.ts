/** Input that cannot work ends at once, with one error that says what was received and what to do. */
import { mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../src/errors.ts";
import type { EnvironmentOptions } from "../src/options.ts";
import type { OwnerReport } from "./owner-worker.ts";
import { IMAGE, refusal, Scenario } from "./scenario.ts";

const STACK = `services: { web: { image: ${IMAGE}, command: [sleep, "600"] }, store: { image: ${IMAGE} } }`;
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";

interface Case {
  readonly intent: string;
  readonly files: Readonly<Record<string, string>>;
  readonly options?: EnvironmentOptions;
  readonly code: ErrorCode;
  /** Names of files are given as they are in the scenario's folder. */
  readonly received: unknown;
  readonly message?: RegExp;
  readonly hint?: RegExp;
}

const cases: readonly Case[] = [
  {
    intent: "no compose file",
    files: {},
    code: "REAL_SERVICES_NO_COMPOSE_FILE",
    received: ".",
    hint: /option `compose`/,
  },
  {
    intent: "a named file that is not there",
    files: { "compose.yaml": STACK },
    options: { compose: "stack.yaml" },
    code: "REAL_SERVICES_NO_COMPOSE_FILE",
    received: "stack.yaml",
  },
  {
    intent: "two candidates and none chosen",
    files: { "compose.yaml": STACK, "docker-compose.yml": STACK },
    code: "REAL_SERVICES_AMBIGUOUS_COMPOSE_FILE",
    received: ["./compose.yaml", "./docker-compose.yml"],
    hint: /option `compose`/,
  },
  {
    intent: "invalid YAML",
    files: { "compose.yaml": "services: [\n  web" },
    code: "REAL_SERVICES_INVALID_COMPOSE_FILE",
    received: ["./compose.yaml"],
    message: /yaml: line \d/,
    hint: /docker compose config/,
  },
  {
    intent: "YAML that is no stack",
    files: { "compose.yaml": "services: { web: { imagee: x } }" },
    code: "REAL_SERVICES_INVALID_COMPOSE_FILE",
    received: ["./compose.yaml"],
    message: /imagee/,
  },
  {
    intent: "an empty file",
    files: { "compose.yaml": "" },
    code: "REAL_SERVICES_INVALID_COMPOSE_FILE",
    received: ["./compose.yaml"],
  },
  {
    intent: "a binary file",
    files: { "compose.yaml": "\u0000\u0001\u0002" },
    code: "REAL_SERVICES_INVALID_COMPOSE_FILE",
    received: ["./compose.yaml"],
  },
  {
    intent: "an env_file that is not there",
    files: { "compose.yaml": `services: { web: { image: ${IMAGE}, env_file: [missing.env] } }` },
    code: "REAL_SERVICES_INVALID_COMPOSE_FILE",
    received: ["./compose.yaml"],
    message: /missing\.env/,
  },
  {
    intent: "a required variable that is not set",
    files: { "compose.yaml": `services: { web: { image: '\${RS_TEST_UNSET:?name the image}' } }` },
    code: "REAL_SERVICES_INVALID_COMPOSE_FILE",
    received: ["./compose.yaml"],
    message: /RS_TEST_UNSET.*name the image/,
  },
  {
    intent: "services that depend on each other",
    files: {
      "compose.yaml": `services: { a: { image: ${IMAGE}, depends_on: [b] }, b: { image: ${IMAGE}, depends_on: [a] } }`,
    },
    code: "REAL_SERVICES_INVALID_COMPOSE_FILE",
    received: ["./compose.yaml"],
    message: /cycle/,
  },
  {
    intent: "a stack whose services are all behind profiles",
    files: { "compose.yaml": `services: { web: { image: ${IMAGE}, profiles: [debug] } }` },
    code: "REAL_SERVICES_INVALID_COMPOSE_FILE",
    received: [],
    hint: /profiles/,
  },
  {
    intent: "a service that is not in the stack",
    files: { "compose.yaml": STACK },
    options: { services: ["stroe"] },
    code: "REAL_SERVICES_UNKNOWN_SERVICE",
    received: "stroe",
    hint: /Did you mean “store”\? It has: store, web\./,
  },
  {
    intent: "an option of the wrong type",
    files: { "compose.yaml": STACK },
    options: JSON.parse('{ "timeoutMs": "5000" }'),
    code: "REAL_SERVICES_INVALID_OPTION",
    received: "5000",
    message: /`timeoutMs`.*number of milliseconds.*'5000'/,
  },
  {
    intent: "an include from elsewhere",
    files: { "compose.yaml": `include: ["oci://example.com/stack"]\n${STACK}` },
    code: "REAL_SERVICES_REMOTE_INCLUDE",
    received: "oci://example.com/stack",
  },
  {
    intent: "an include from elsewhere that only a variable tells",
    files: {
      "compose.yaml": `include: ["\${WHERE}/stack"]\n${STACK}`,
      ".env": "WHERE=oci://example.com",
    },
    code: "REAL_SERVICES_INVALID_COMPOSE_FILE",
    received: ["./compose.yaml"],
  },
];

test.for(cases)("$intent", async ({ files, options, code, received, message, hint }) => {
  await using scenario = new Scenario(files);
  const error = await refusal(() => scenario.manager().acquireEnvironment(options));
  expect(error.message).toMatch(message ?? /\w/);
  expect(error.hint).toMatch(hint ?? /\w/);
  expect(error.code).toBe(code);
  const inFolder = (name: unknown) =>
    typeof name === "string" && /^\.(\/|$)/.test(name) ? resolve(scenario.folder, name) : name;
  expect(error.received).toEqual(
    Array.isArray(received) ? received.map(inFolder) : inFolder(received),
  );
  await scenario.expectNothingLeft();
});

test("Compose's own override file is no second candidate", async () => {
  await using scenario = new Scenario({
    "compose.yaml": STACK,
    "compose.override.yaml": `services: { more: { image: ${IMAGE} } }`,
  });
  const { services } = await scenario.manager().resolveStack();
  expect(services.toSorted()).toEqual(["more", "store", "web"]);
});

test("what is mounted and is not there is found before anything is made of it", async () => {
  const refused = "{ type: bind, source: ./rules, target: /r, bind: { create_host_path: false } }";
  await using scenario = new Scenario({
    "there/file": "",
    "compose.yaml": `services: { web: { image: ${IMAGE}, volumes: ["./there:/t", "./config:/c", ${refused}] } }`,
  });
  const { findings } = await scenario.manager().diagnose();
  const missing = findings.filter(({ problem }) => problem.includes("does not exist"));
  const path = (name: string) => join(scenario.folder, name);
  expect(missing).toMatchObject([
    { level: "error", about: "web", problem: expect.stringContaining(path("rules")) },
    { level: "warning", about: "web", problem: expect.stringContaining(path("config")) },
  ]);
  expect(readdirSync(scenario.folder)).toEqual(["compose.yaml", "there"]);
});

describe("an alias bomb costs less than a second of a processor and 200 MB, and Compose never sees it", () => {
  const bomb = [
    "x-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]",
    ...Array.from(
      { length: 9 },
      (_, level) => `x-${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join(", ")}]`,
    ),
    STACK,
  ].join("\n");

  test.each<[string, Record<string, string>]>([
    ...(IS_SOAK
      ? [["in the file", { "compose.yaml": bomb }] as [string, Record<string, string>]]
      : []),
    [
      "at the end of a chain of includes",
      {
        "compose.yaml": `include: [sub/a.yaml]\n${STACK}`,
        "sub/a.yaml": "include: [b.yaml]",
        "sub/b.yaml": bomb,
      },
    ],
  ])("%s", async (_where, files) => {
    await using scenario = new Scenario(files);
    // No docker command on the PATH: had Compose been asked, the error would be another.
    const bin = join(scenario.folder, "bin");
    mkdirSync(bin);
    const { stdout } = await execa(
      process.execPath,
      [resolve(import.meta.dirname, "owner-worker.ts"), JSON.stringify({ cwd: scenario.folder })],
      { env: { PATH: bin } },
    );
    const report: OwnerReport = JSON.parse(stdout);
    expect(report.code).toBe("REAL_SERVICES_COMPOSE_FILE_TOO_LARGE");
    // A budget, which only the soak holds: processors differ, and share.
    expect(report.cpuMs).toBeLessThan(IS_SOAK ? 1_000 : 5_000);
    expect(report.maxRssMb).toBeLessThan(200);
    await scenario.expectNothingLeft();
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RealServicesError } from "../errors.ts";
import { findComposeFiles } from "./compose-files.ts";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "real-services-test-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function files(...names: readonly string[]) {
  for (const name of names) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), "");
  }
}
const find = (dockerEnv?: string, compose?: string | readonly string[]) =>
  findComposeFiles({ cwd, compose, dockerEnv }).map((file) => relative(cwd, file));

describe("one candidate", () => {
  test.each<[string, readonly string[], string | undefined, readonly string[]]>([
    ["the plain file", ["compose.yaml"], undefined, ["compose.yaml"]],
    ["its older name", ["docker-compose.yml"], undefined, ["docker-compose.yml"]],
    [
      "in the folder compose/",
      ["compose/docker-compose.yml"],
      undefined,
      ["compose/docker-compose.yml"],
    ],
    [
      "a test file wins over the plain one",
      ["compose.yml", "docker-compose.test.yml"],
      undefined,
      ["docker-compose.test.yml"],
    ],
    [
      "DOCKER_ENV=test",
      ["compose/docker-compose.test.yml", "compose/docker-compose.prod.yml"],
      "test",
      ["compose/docker-compose.test.yml"],
    ],
    [
      "DOCKER_ENV=prod",
      ["docker-compose.test.yml", "docker-compose.prod.yml"],
      "prod",
      ["docker-compose.prod.yml"],
    ],
    [
      "DOCKER_ENV=prod, the long word",
      ["compose.production.yaml"],
      "prod",
      ["compose.production.yaml"],
    ],
    ["DOCKER_ENV=dev", ["compose.test.yaml", "compose.yaml"], "dev", ["compose.yaml"]],
    [
      "DOCKER_ENV=dev with a file of its own",
      ["compose.dev.yaml", "compose.yaml"],
      "dev",
      ["compose.dev.yaml"],
    ],
    ["an empty DOCKER_ENV is none", ["compose.yaml"], "", ["compose.yaml"]],
  ])("%s", (_case, present, dockerEnv, found) => {
    files(...present);
    expect(find(dockerEnv)).toEqual(found);
  });
});

describe("an override file is merged, as Compose does, and is no second candidate", () => {
  test.each<[readonly string[], readonly string[]]>([
    [
      ["compose.yaml", "compose.override.yaml"],
      ["compose.yaml", "compose.override.yaml"],
    ],
    [
      ["compose.yaml", "compose.override.yml"],
      ["compose.yaml", "compose.override.yml"],
    ],
    [
      ["docker-compose.yml", "docker-compose.override.yml"],
      ["docker-compose.yml", "docker-compose.override.yml"],
    ],
    [
      ["compose.yaml", "docker-compose.override.yml"],
      ["compose.yaml", "docker-compose.override.yml"],
    ],
    [
      ["compose.yaml", "compose.override.yaml", "compose.override.yml"],
      ["compose.yaml", "compose.override.yml"],
    ],
    [
      ["compose/compose.yaml", "compose/compose.override.yaml"],
      ["compose/compose.yaml", "compose/compose.override.yaml"],
    ],
    [["compose.test.yaml", "compose.override.yaml"], ["compose.test.yaml"]],
  ])("%j", (present, found) => {
    files(...present);
    expect(find()).toEqual(found);
  });
});

describe("files that were named", () => {
  test("one or several, in their order, wherever they are", () => {
    files("a/stack.yml", "b.yml", "compose.yaml");
    expect(find(undefined, "a/stack.yml")).toEqual(["a/stack.yml"]);
    expect(find("nonsense", ["b.yml", "a/stack.yml"])).toEqual(["b.yml", "a/stack.yml"]);
    expect(find(undefined, join(cwd, "b.yml"))).toEqual(["b.yml"]);
  });

  test("an empty list names none", () => {
    files("compose.yaml");
    expect(find(undefined, [])).toEqual(["compose.yaml"]);
  });
});

describe("refused", () => {
  test.each<[string, readonly string[], string | undefined, string | undefined, string, unknown]>([
    ["no file at all", [], undefined, undefined, "REAL_SERVICES_NO_COMPOSE_FILE", "CWD"],
    [
      "an override file alone",
      ["compose.override.yaml"],
      undefined,
      undefined,
      "REAL_SERVICES_NO_COMPOSE_FILE",
      "CWD",
    ],
    [
      "none for this DOCKER_ENV",
      ["compose.yaml"],
      "prod",
      undefined,
      "REAL_SERVICES_NO_COMPOSE_FILE",
      "CWD",
    ],
    [
      "a named file that is not there",
      ["compose.yaml"],
      undefined,
      "other.yml",
      "REAL_SERVICES_NO_COMPOSE_FILE",
      "other.yml",
    ],
    [
      "two names",
      ["compose.yaml", "docker-compose.yml"],
      undefined,
      undefined,
      "REAL_SERVICES_AMBIGUOUS_COMPOSE_FILE",
      ["compose.yaml", "docker-compose.yml"],
    ],
    [
      "two endings",
      ["compose.test.yaml", "compose.test.yml"],
      "test",
      undefined,
      "REAL_SERVICES_AMBIGUOUS_COMPOSE_FILE",
      ["compose.test.yaml", "compose.test.yml"],
    ],
    [
      "two folders",
      ["compose.yaml", "compose/compose.yaml"],
      undefined,
      undefined,
      "REAL_SERVICES_AMBIGUOUS_COMPOSE_FILE",
      ["compose.yaml", "compose/compose.yaml"],
    ],
    [
      "an unknown DOCKER_ENV",
      ["compose.yaml"],
      "staging",
      undefined,
      "REAL_SERVICES_INVALID_OPTION",
      "staging",
    ],
    [
      "DOCKER_ENV=constructor",
      ["compose.yaml"],
      "constructor",
      undefined,
      "REAL_SERVICES_INVALID_OPTION",
      "constructor",
    ],
  ])("%s", (_case, present, dockerEnv, compose, code, received) => {
    files(...present);
    const error = caught(() => find(dockerEnv, compose));
    expect(error.code).toBe(code);
    const inCwd = (name: unknown) => (name === "CWD" ? cwd : name);
    expect(error.received).toEqual(
      Array.isArray(received) ? received.map((name) => join(cwd, name)) : inCwd(received),
    );
    expect(error.hint).toBeTruthy();
  });
});

test("what is missing is named, and what is there instead", () => {
  files("docker-compose.yml");
  const { message, hint } = caught(() => find("prod"));
  expect(message).toContain("DOCKER_ENV=prod");
  expect(hint).toMatch(/^Looked for compose\.prod\.yaml, .*; there is docker-compose\.yml\./);
  expect(hint).toContain("`-f docker-compose.yml`");
});

function caught(action: () => unknown): RealServicesError {
  try {
    action();
  } catch (error) {
    if (error instanceof RealServicesError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

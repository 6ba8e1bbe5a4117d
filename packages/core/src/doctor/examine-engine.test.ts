import { expect, test } from "vitest";
import { RealServicesError } from "../errors.ts";
import { countPorts, type EngineFacts, engineAway, examineEngine } from "./examine-engine.ts";
import { sortFindings } from "./finding.ts";

const GIB = 1024 ** 3;
const FINE: EngineFacts = {
  version: "28.2.2",
  composeVersion: "2.40.3",
  subnets: ["172.17.0.0/16"],
  portsInUse: 12,
  memoryBytes: 8 * GIB,
  memoryNeed: 2 * GIB,
  freeDiskBytes: 50 * GIB,
  orphans: [],
};

test.each<[string, Partial<EngineFacts>, RegExp | undefined]>([
  ["all is well", {}, undefined],
  ["an old engine", { version: "20.10.24" }, /^warning engine/],
  ["no Compose", { composeVersion: undefined }, /^error compose/],
  ["an old Compose", { composeVersion: "v2.6.1" }, /^error compose version v2.6.1 lacks/],
  ["Compose with a known hole", { composeVersion: "2.40.1" }, /^note compose .*CVE-2025-62725/],
  ["the first without it", { composeVersion: "2.40.2-desktop.1" }, undefined],
  ["a later major version", { composeVersion: "5.0.0" }, undefined],
  [
    "default networks nearly used up",
    { subnets: Array.from({ length: 27 }, (_, index) => `192.168.${index}.0/24`) },
    /^note networks 27 of the engine's 31/,
  ],
  [
    "every subnet of ours taken",
    { subnets: ["198.18.0.0/15", "10.0.0.0/8"] },
    /^error networks no free subnet/,
  ],
  ["ports nearly used up", { portsInUse: 2_700 }, /^warning ports/],
  ["more memory asked for than there is", { memoryNeed: 9 * GIB }, /^warning memory .*9216 MiB/],
  ["no stack", { memoryNeed: undefined }, undefined],
  ["little disk", { freeDiskBytes: 3 * GIB }, /^warning disk 3072 MiB/],
  ["no disk", { freeDiskBytes: 100 }, /^error disk/],
  ["a disk that cannot be seen", { freeDiskBytes: undefined }, undefined],
  ["orphans", { orphans: ["a", "b"] }, /^warning orphans 2 environments have .*: a, b$/],
  ["one orphan", { orphans: ["a"] }, /^warning orphans 1 environment has .*: a$/],
])("%s", (_case, facts, expected) => {
  const found = examineEngine({ ...FINE, ...facts }).map(
    ({ level, about, problem }) => `${level} ${about} ${problem}`,
  );
  expect(found).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)]);
});

test("only published ports below 32768 count, each once", () => {
  const container = (...hostPorts: number[]) => ({
    ports: hostPorts.map((hostPort) => ({
      ...{ containerPort: 80, protocol: "tcp" as const, hostIp: "127.0.0.1" },
      hostPort,
    })),
  });
  expect(countPorts([container(30_000, 30_000, 32_767), container(32_768, 29_999)])).toBe(2);
});

test("an engine that is away is told with its own hint", () => {
  const error = new RealServicesError("REAL_SERVICES_NO_ENGINE", "Nobody listens.", {
    hint: "Start it.",
  });
  expect(engineAway(error)).toEqual({
    level: "error",
    about: "engine",
    problem: "Nobody listens.",
    fix: "Start it.",
  });
  expect(engineAway("?")).toMatchObject({
    problem: "?",
    fix: expect.stringContaining("DOCKER_HOST"),
  });
});

test("the worst comes first, otherwise the order stays", () => {
  const finding = (level: "error" | "warning" | "note", about: string) => ({
    level,
    about,
    problem: "",
    fix: "",
  });
  const sorted = sortFindings([
    finding("note", "a"),
    finding("error", "b"),
    finding("warning", "c"),
    finding("error", "d"),
  ]);
  expect(sorted.map(({ about }) => about)).toEqual(["b", "d", "c", "a"]);
});

import { expect, test } from "vitest";
import type { ComposeModel, ComposeMount, ComposeService } from "../stack/model.ts";
import { examineStack, type StackFacts } from "./examine-stack.ts";

const NOTHING: StackFacts = {
  engine: { networks: new Set(), volumes: new Set() },
  checkedByImage: new Set(),
  missingSources: new Set(["/shop/config"]),
};

function findings(services: ComposeModel["services"], facts = NOTHING): string[] {
  return examineStack({ services }, facts).map(
    ({ level, about, problem }) => `${level} ${about} ${problem}`,
  );
}

const published = [{ target: 80 }];
const often = { test: ["CMD", "true"], interval: "1s" };

test.each<[string, ComposeService, RegExp | undefined]>([
  ["checked often", { healthcheck: often }, undefined],
  ["nothing to go by", {}, /^warning web has no health check and publishes nothing/],
  ["a check that is off", { healthcheck: { disable: true } }, /^warning web has no health check/],
  ["a check that is NONE", { healthcheck: { test: ["NONE"] } }, /^warning web has no health check/],
  [
    "a port",
    { ports: published },
    /^note web has no health check: it counts as ready when its port/,
  ],
  ["udp alone", { ports: [{ target: 53, protocol: "udp" }] }, /publishes nothing/],
  ["a port of a known kind", { image: "redis:7", ports: [{ target: 6379 }] }, undefined],
  ["no interval", { healthcheck: { test: ["CMD", "true"] } }, /^note web is looked at every 30 s/],
  ["a long interval", { healthcheck: { ...often, interval: "1m" } }, /every 60 s/],
  [
    "start_interval alone",
    { healthcheck: { ...often, interval: "30s", start_interval: "1s" } },
    /without `start_period`, which does nothing/,
  ],
  [
    "start_interval and start_period",
    { healthcheck: { ...often, interval: "30s", start_interval: "1s", start_period: "30s" } },
    undefined,
  ],
])("one service: %s", (_case, service, expected) => {
  const found = findings({ web: service });
  expect(found).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)]);
});

test("the image's own check counts", () => {
  expect(findings({ web: {} }, { ...NOTHING, checkedByImage: new Set(["web"]) })).toEqual([]);
});

test.each(["migrate", "db-migrations", "init", "seed_data", "kafka-setup"])(
  "%s looks like work that is done once: somebody has to wait for its end",
  (name) => {
    expect(findings({ [name]: {}, api: { healthcheck: often } })).toEqual([
      expect.stringMatching(/^warning .* nobody waits for its end$/),
    ]);
    const condition = "service_completed_successfully" as const;
    const api = { healthcheck: often, depends_on: { [name]: { condition } } };
    expect(findings({ [name]: {}, api })).toEqual([]);
  },
);

test("a name that only contains such a word is no such work", () => {
  expect(findings({ initech: { healthcheck: often } })).toEqual([]);
});

test("what cannot run as a copy is an error, what is shared a note", () => {
  const services = { web: { network_mode: "host", ports: published, healthcheck: often } };
  const found = findings(services);
  expect(found).toContainEqual("note web shares the host's network");
  expect(found).toContainEqual(expect.stringMatching(/^error stack Service “web” publishes ports/));
  expect(findings(services, { ...NOTHING, engine: undefined })).toHaveLength(1);
});

test.each<[string, ComposeMount, RegExp | undefined]>([
  [
    "by the short syntax",
    { type: "bind", source: "/shop/config", target: "/etc/x", bind: { create_host_path: true } },
    /^warning web mounts \/shop\/config, which does not exist: the engine makes an empty folder/,
  ],
  [
    "by the long one",
    { type: "bind", source: "/shop/config", target: "/etc/x" },
    /^warning web mounts .* an empty folder/,
  ],
  [
    "with `create_host_path: false`",
    { type: "bind", source: "/shop/config", target: "/etc/x", bind: {} },
    /^error web mounts .*: the engine will refuse the container$/,
  ],
  ["one that is there", { type: "bind", source: "/shop", target: "/etc/x" }, undefined],
  ["a volume of that name", { type: "volume", source: "/shop/config", target: "/x" }, undefined],
])("a source that is missing: %s", (_case, mount, expected) => {
  const found = findings({ web: { healthcheck: often, volumes: [{ ...mount, read_only: true }] } });
  expect(found).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)]);
});

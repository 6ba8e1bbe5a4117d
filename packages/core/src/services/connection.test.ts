import { describe, expect, test } from "vitest";
import type { PublishedPort } from "../environment.ts";
import type { ComposeService } from "../stack/model.ts";
import { describeService } from "./connection.ts";

function ports(...containerPorts: (number | `${number}/udp`)[]): PublishedPort[] {
  return containerPorts.map((port, index) => ({
    containerPort: Number.parseInt(String(port), 10),
    protocol: String(port).endsWith("/udp") ? "udp" : "tcp",
    host: "127.0.0.1",
    port: 30_001 + index,
  }));
}

const describeOne = (definition: ComposeService, published: PublishedPort[]) =>
  describeService("it", definition, published, ["c0ffee"]);
const urlOf = (definition: ComposeService, published: PublishedPort[]) =>
  describeOne(definition, published).url;

describe("connection strings", () => {
  const at = "127.0.0.1:30001";
  test.each<[string, ComposeService, PublishedPort[], string | undefined]>([
    ["postgres", { image: "postgres:17" }, ports(5432), `postgres://postgres@${at}/postgres`],
    [
      "postgres with credentials",
      {
        image: "postgres",
        environment: { POSTGRES_USER: "app", POSTGRES_PASSWORD: "s3cret", POSTGRES_DB: "shop" },
      },
      ports(5432),
      `postgres://app:s3cret@${at}/shop`,
    ],
    [
      "a user without a database gets the one of his name, as the image does",
      { image: "postgres", environment: { POSTGRES_USER: "app" } },
      ports(5432),
      `postgres://app@${at}/app`,
    ],
    [
      "characters that a URL gives meaning to; dollars doubled by Compose",
      {
        image: "postgres",
        environment: { POSTGRES_PASSWORD: "p@ss/w$$rd:#", POSTGRES_DB: "a b" },
      },
      ports(5432),
      `postgres://postgres:p%40ss%2Fw%24rd%3A%23@${at}/a%20b`,
    ],
    [
      "postgis from a registry with a port",
      { image: "reg:5000/postgis/postgis:16" },
      ports(5432),
      `postgres://postgres@${at}/postgres`,
    ],
    [
      "an image pinned by digest",
      { image: `timescale/timescaledb@sha256:${"0".repeat(64)}` },
      ports(5432),
      `postgres://postgres@${at}/postgres`,
    ],
    [
      "an image of one's own on the port of postgres",
      { image: "acme/db" },
      ports(5432),
      `postgres://postgres@${at}/postgres`,
    ],
    ["redis", { image: "redis:8" }, ports(6379), `redis://${at}`],
    [
      "valkey with a variable",
      { image: "valkey/valkey", environment: { REDIS_PASSWORD: "x y" } },
      ports(6379),
      `redis://:x%20y@${at}`,
    ],
    [
      "redis with a flag",
      { image: "redis", command: ["redis-server", "--requirepass", "hush"] },
      ports(6379),
      `redis://:hush@${at}`,
    ],
    ["clickhouse", { image: "clickhouse/clickhouse-server" }, ports(8123, 9000), `http://${at}`],
    [
      "clickhouse with credentials",
      {
        image: "clickhouse",
        environment: { CLICKHOUSE_USER: "ch", CLICKHOUSE_PASSWORD: "pw", CLICKHOUSE_DB: "events" },
      },
      ports(8123),
      `http://ch:pw@${at}/events`,
    ],
    ["an HTTP service", { image: "acme/api" }, ports(8000), `http://${at}`],
    [
      "the web page of a redis tool",
      { image: "rediscommander/redis-commander" },
      ports(8081),
      `http://${at}`,
    ],
    [
      "the metrics of a postgres exporter",
      { image: "postgres-exporter" },
      ports(9187),
      `http://${at}`,
    ],
    ["a protocol we have no words for", { image: "mysql" }, ports(3306), undefined],
    ["UDP alone", { image: "dns" }, ports("8053/udp"), undefined],
    ["nothing published", { image: "worker" }, [], undefined],
  ])("%s", (_case, definition, published, url) => {
    expect(urlOf(definition, published)).toBe(url);
    if (url !== undefined) expect(URL.canParse(url)).toBe(true);
  });
});

describe("the main port", () => {
  test("is the one that the kind of service is known for, wherever it stands in the file", () => {
    const found = describeOne({ image: "clickhouse" }, ports(9000, 8123));
    expect(found).toMatchObject({ port: 30_002, url: "http://127.0.0.1:30002" });
  });

  test("is the first TCP port of any other service", () => {
    expect(describeOne({ image: "x" }, ports("53/udp", 8080, 9090)).port).toBe(30_002);
    expect(describeOne({ image: "x" }, ports("53/udp")).port).toBe(30_001);
  });
});

test("a service is plain data that survives structured cloning", () => {
  const found = describeOne({ image: "redis" }, ports(6379));
  expect(structuredClone(found)).toEqual(found);
  expect(found).toMatchObject({ name: "it", image: "redis", containers: ["c0ffee"] });
});

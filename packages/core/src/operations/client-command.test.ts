import { expect, test } from "vitest";
import { type ClientCommand, clientCommand } from "./client-command.ts";

test.each<[string, Record<string, string>, string[], ClientCommand | undefined]>([
  [
    "postgres:15",
    { POSTGRES_USER: "app", POSTGRES_DB: "shop", POSTGRES_PASSWORD: "pw" },
    [],
    { command: ["psql", "-U", "app", "-d", "shop"], env: { PGPASSWORD: "pw" } },
  ],
  ["postgis/postgis", {}, [], { command: ["psql", "-U", "postgres", "-d", "postgres"], env: {} }],
  [
    "redis:7",
    {},
    ["redis-server", "--requirepass", "pw"],
    { command: ["redis-cli"], env: { REDISCLI_AUTH: "pw" } },
  ],
  ["valkey:8", {}, [], { command: ["redis-cli"], env: {} }],
  [
    "clickhouse/clickhouse-server",
    { CLICKHOUSE_USER: "app", CLICKHOUSE_DB: "shop", CLICKHOUSE_PASSWORD: "pw" },
    [],
    {
      command: ["clickhouse-client", "--user", "app", "--database", "shop"],
      env: { CLICKHOUSE_PASSWORD: "pw" },
    },
  ],
  [
    "mysql:8",
    { MYSQL_ROOT_PASSWORD: "root-pw", MYSQL_DATABASE: "shop" },
    [],
    { command: ["mysql", "--user=root", "shop"], env: { MYSQL_PWD: "root-pw" } },
  ],
  [
    "mariadb:11",
    { MARIADB_USER: "app", MARIADB_PASSWORD: "pw", MARIADB_ROOT_PASSWORD: "root-pw" },
    [],
    { command: ["mysql", "--user=app"], env: { MYSQL_PWD: "pw" } },
  ],
  ["nginx:1", {}, [], undefined],
  ["shop/api:dev", {}, [], undefined],
])("%s with %j", (image, env, command, expected) => {
  expect(clientCommand({ image, env, command })).toEqual(expected);
});

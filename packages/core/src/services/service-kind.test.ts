import { expect, test } from "vitest";
import { kindOfImage } from "./service-kind.ts";

test.each([
  [
    "postgres",
    [
      "postgres",
      "postgres:17-alpine",
      "docker.io/library/postgres:17",
      `postgres@sha256:${"0".repeat(64)}`,
      "reg:5000/acme/postgres:1",
      "docker-proxy.acme.example/library/postgres:17",
      "bitnami/postgresql",
      "bitnami/postgresql-repmgr:16",
      "postgis/postgis:16-3.4",
      "pgvector/pgvector:pg17",
      "timescale/timescaledb",
      "timescale/timescaledb-ha:pg17",
      "supabase/postgres",
      "acme/shop-postgres",
      "acme/postgres_with_extensions",
      "acme/postgres17",
    ],
  ],
  ["redis", ["redis:8", "bitnami/redis-cluster", "redis/redis-stack-server", "valkey/valkey"]],
  ["clickhouse", ["clickhouse", "clickhouse/clickhouse-server:25", "yandex/clickhouse-server"]],
  ["mysql", ["mysql:9", "mysql/mysql-server", "mariadb", "percona/percona-server:8"]],
  ["rabbitmq", ["rabbitmq:4-management", "bitnami/rabbitmq"]],
  ["nginx", ["nginx", "bitnami/nginx:1"]],
  [
    undefined,
    [
      undefined,
      "",
      "acme/db",
      "postgrest/postgrest",
      "supabase/postgres-meta:v0.84",
      "prometheuscommunity/postgres-exporter",
      "prodrigestivill/postgres-backup-local",
      "postgres/tools",
      "rediscommander/redis-commander",
      "redis/redisinsight",
      "bitnami/redis-sentinel",
      "clickhouse/clickhouse-keeper",
      "mysql/mysql-router",
      "percona/percona-server-mongodb",
      "phpmyadmin",
      "nginx-proxy",
    ],
  ],
])("%s: %j", (name, images) => {
  for (const image of images) expect(kindOfImage(image)?.name, image).toBe(name);
});

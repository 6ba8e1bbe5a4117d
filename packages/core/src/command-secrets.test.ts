import { expect, test } from "vitest";
import { commandSecrets } from "./command-secrets.ts";

test.each([
  ["redis-server --requirepass hunter22"],
  ["redis-server --masterauth=hunter22"],
  ["redis-cli --no-auth-warning -a hunter22 ping"],
  ["/usr/local/bin/redis-cli --pass hunter22 ping | grep PONG"],
  ["mysqladmin ping -h localhost -u root -phunter22"],
  ["mongosh -u root -p hunter22 --eval 1"],
  ["sqlcmd -S localhost -U sa -P hunter22 -Q 1"],
  ["curl -fsu elastic:x -u elastic:hunter22 http://localhost:9200"],
  ["clickhouse-client --password hunter22"],
  ["server --api-key=hunter22"],
  ["env REDISCLI_AUTH=hunter22 redis-cli ping"],
  ["psql postgres://app:hunter22@127.0.0.1/shop"],
])("%s gives a password away, word by word and to a shell", (script) => {
  expect(commandSecrets(script.split(" "))).toContain("hunter22");
  expect(commandSecrets(["CMD-SHELL", `true && ${script} || exit 1`])).toContain("hunter22");
});

test.each([
  "server --password-file /run/secrets/key --tokenizer standard --no-password verbose",
  'redis-cli -a "$REDIS_PASSWORD" ping | grep -a PONG',
  "mysqladmin ping -u root -p$MYSQL_ROOT_PASSWORD",
  "mysqld --port=3306 --password --verbose",
  "postgres -c password_encryption=scram-sha-256",
  "curl -u http://127.0.0.1:8080/health --user nobody",
  "psql postgres://postgres:postgres@db/shop postgres://app:shop22@db/shop22 postgres://app:$PASS@db",
])("%s gives none away", (script) => {
  expect(commandSecrets(["sh", "-c", script])).toEqual([]);
});

test("what is quoted is one word, and what a URL encodes is known decoded as well", () => {
  expect(commandSecrets(["sh", "-c", "x --password \"top secret\" --token='a;b'; y"])).toEqual([
    ...["top secret", "a;b"],
  ]);
  expect(commandSecrets(["--url", "amqp://app:p%40ss@mq"])).toEqual(["p%40ss", "p@ss"]);
});

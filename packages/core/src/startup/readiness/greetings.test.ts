import { describe, expect, test } from "vitest";
import type { Greeting } from "../../services/service-kind.ts";
import { conversation, type Verdict } from "./greetings.ts";

/** An ErrorResponse of PostgreSQL. */
function postgresError(code: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mtold why\0\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}

describe("what an answer means", () => {
  test.each<[Greeting, string, Buffer, Verdict | undefined]>([
    ["postgres", "asks for a password", Buffer.from("R\0\0\0\x0c\0\0\0\x05salt"), true],
    ["postgres", "is starting up", postgresError("57P03"), false],
    ["postgres", "does not know the user", postgresError("28000"), true],
    [
      "postgres",
      "has not finished the sentence",
      postgresError("57P03").subarray(0, 12),
      undefined,
    ],
    ["postgres", "has hardly begun", Buffer.from("E\0"), undefined],
    ["redis", "pong", Buffer.from("+PONG\r\n"), true],
    ["redis", "wants a password", Buffer.from("-NOAUTH Authentication required.\r\n"), true],
    ["redis", "reads its data", Buffer.from("-LOADING Redis is loading\r\n"), false],
    ["redis", "has hardly begun", Buffer.from("+P"), undefined],
    ["mysql", "greets", Buffer.from([0x4a, 0, 0, 0, 10, 0x38]), true],
    ["mysql", "refuses", Buffer.from([0x17, 0, 0, 0, 255, 0x69]), false],
    ["mysql", "has hardly begun", Buffer.from([0x4a, 0]), undefined],
    ["amqp", "starts the connection", Buffer.from([1, 0, 0, 0]), true],
    ["amqp", "prefers another version", Buffer.from("AMQP\0\0\x09\x01"), true],
    ["amqp", "says something else", Buffer.from("HTTP/1.1 400"), false],
    ["http", "serves", Buffer.from("HTTP/1.1 200 OK\r\n"), true],
    ["http", "wants a login", Buffer.from("HTTP/1.1 401 Unauthorized\r\n"), true],
    ["http", "is not there yet", Buffer.from("HTTP/1.1 503 Service Unavailable\r\n"), false],
    ["http", "is no HTTP", Buffer.from("220 mail.example ESMTP"), "other"],
    ["http", "sends an alert of TLS", Buffer.from([0x15, 3, 1, 0, 2, 2, 0x46]), "other"],
    ["http", "has hardly begun", Buffer.from("HTTP/1.1"), undefined],
  ])("%s %s", (greeting, _case, answer, expected) => {
    expect(conversation(greeting, "app").serves(answer)).toBe(expected);
  });
});

test("the start-up message of PostgreSQL names its length, version 3.0 and the user", () => {
  const { hello } = conversation("postgres", "app");
  expect(hello?.readInt32BE(0)).toBe(hello?.length);
  expect(hello?.readInt32BE(4)).toBe(196_608);
  expect(hello?.subarray(8).toString()).toBe("user\0app\0\0");
});

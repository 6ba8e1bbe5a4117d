import { expect, test } from "vitest";
import { createMask } from "./secrets.ts";

function maskOf(environment: Record<string, string | null>, service = "db") {
  return createMask({ services: { [service]: { environment } } });
}

test.each([
  "POSTGRES_PASSWORD",
  "DB_PASSWD",
  "passphrase",
  "API_KEY",
  "APIKEY",
  "AUTH_TOKEN",
  "CLIENT_SECRET",
  "SSH_PRIVATE_KEY",
  "AWS_CREDENTIALS",
])("the value of %s is masked wherever it stands", (name) => {
  const mask = maskOf({ [name]: "hunter22" });
  expect(mask("postgres://app:hunter22@db said hunter22")).toBe(
    "postgres://app:*****@db said *****",
  );
});

test.each([
  ["a plain variable", { GREETING: "hunter22" }, "hunter22"],
  [
    "a value that another variable shows",
    { DB_PASSWORD: "postgres", DB_USER: "postgres" },
    "postgres",
  ],
  ["a service's own name", { SECRET: "backend" }, "backend"],
  ["a word too short to be told apart", { SECRET: "test" }, "test"],
  ["no value", { SECRET: null }, "anything"],
])("%s is not masked", (_case, environment: Record<string, string | null>, text) => {
  expect(maskOf(environment, "backend")(text)).toBe(text);
});

test("the longer of two secrets goes first, so nothing of it is left", () => {
  const mask = maskOf({ A_TOKEN: "abcdef", B_TOKEN: "abcdef-ghijkl" });
  expect(mask("abcdef-ghijkl abcdef")).toBe("***** *****");
});

test("Compose doubles dollars in its model; programs print them once", () => {
  expect(maskOf({ PASSWORD: "pa$$word" })("pa$word pa$$word")).toBe("***** *****");
});

test("what a command, an entry point, a health check or a URL gives away is masked", () => {
  const mask = createMask({
    services: {
      cache: {
        environment: { QUEUE: "amqp://app:word-four@mq" },
        entrypoint: ["run", "--token", "word$$one"],
        command: ["redis-server", "--requirepass", "word-two"],
        healthcheck: { test: ["CMD-SHELL", "redis-cli -a word-three ping"] },
      },
      open: { environment: { GREETING: "word-five" }, command: ["--password", "word-five"] },
    },
  });
  expect(mask("word$one word$$one word-two word-three word-four word-five")).toBe(
    "***** ***** ***** ***** ***** word-five",
  );
});

test("each line of a secret that has several is masked, as logs are read line by line", () => {
  const key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n";
  const mask = maskOf({ TLS_PRIVATE_KEY: key });
  expect(mask("MIIEvQIBADANBg")).toBe("*****");
  expect(mask(`x${key}y`)).not.toContain("kqhkiG9w0BAQEF");
});

test("characters that mean something to a pattern or a replacement are taken literally", () => {
  expect(maskOf({ TOKEN: "a.*+?$&^" })("is a.*+?$&^ and abcdefgh")).toBe("is ***** and abcdefgh");
});

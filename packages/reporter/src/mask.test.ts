import { expect, test } from "vitest";
import { maskSecrets } from "./mask.ts";

test.each([
  ["postgres://app:s3cret@db:5432/app", "postgres://app:*****@db:5432/app"],
  ["POSTGRES_PASSWORD=s3cret started", "POSTGRES_PASSWORD=***** started"],
  ['{"apiKey": "abc def", "port": 1}', '{"apiKey": "*****", "port": 1}'],
  ["auth token: 'abc'", "auth token: '*****'"],
])("hides the secret in %j", (text, masked) => {
  expect(maskSecrets(text)).toBe(masked);
});

test.each([
  "listening on http://127.0.0.1:8000/health",
  "the password is wrong",
  "GET /tokens 200",
])("leaves %j as it is", (text) => {
  expect(maskSecrets(text)).toBe(text);
});

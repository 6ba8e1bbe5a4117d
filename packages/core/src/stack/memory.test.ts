import { expect, test } from "vitest";
import { memoryLimit, memoryNeed, parseBytes } from "./memory.ts";

const MIB = 1024 ** 2;

test.each([
  ["536870912", 512 * MIB],
  [536_870_912, 512 * MIB],
  ["512m", 512 * MIB],
  ["512MB", 512 * MIB],
  ["1.5g", 1_536 * MIB],
  ["10b", 10],
  ["0", undefined],
  ["", undefined],
  ["much", undefined],
  [undefined, undefined],
])("%s is %s bytes", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test("its own limit, else the one asked for, else what its kind needs", () => {
  const image = "postgres:17";
  expect(memoryLimit({ image }, undefined)).toBe(512 * MIB);
  expect(memoryLimit({ image }, "1g")).toBe(1_024 * MIB);
  expect(memoryLimit({ image }, false)).toBeUndefined();
  expect(memoryLimit({ image, mem_limit: "67108864" }, "1g")).toBe(64 * MIB);
  const deploy = { resources: { limits: { memory: "134217728" } } };
  expect(memoryLimit({ image, deploy }, undefined)).toBe(128 * MIB);
  expect(memoryLimit({ image: "mine" }, undefined)).toBeUndefined();
});

test("a stack needs what all its containers may use", () => {
  const services = {
    db: { image: "postgres" },
    cache: { image: "redis", scale: 2 },
    web: { image: "mine" },
    worker: { image: "mine", deploy: { replicas: 3 } },
  };
  expect(memoryNeed({ services }, { worker: "100m" })).toBe((512 + 2 * 256 + 3 * 100) * MIB);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { anyCharacter } from "../../test/any-character.ts";
import { environmentName } from "./environment-name.ts";

const id = "3f9a1c0011223344";

test.each([
  ["shop", undefined, "shop-3f9a1c"],
  ["Shop Test", undefined, "shop-test-3f9a1c"],
  ["shop", { index: 2, count: 4 }, "shop-shard-2-of-4-3f9a1c"],
  ["../../etc", undefined, "etc-3f9a1c"],
  ["--force", undefined, "force-3f9a1c"],
  ["_x_", undefined, "x-3f9a1c"],
  ["проект", undefined, "stack-3f9a1c"],
  ["", undefined, "stack-3f9a1c"],
  ["a".repeat(99), undefined, `${"a".repeat(30)}-3f9a1c`],
  [`${"a".repeat(29)}-b`, undefined, `${"a".repeat(29)}-3f9a1c`],
])("%o with shard %o is %s", (prefix, shard, name) => {
  expect(environmentName({ prefix, shard, id })).toBe(name);
});

test("every prefix gives a name that Compose takes and that fits into a host name", () => {
  const prefixes = fc.oneof(
    fc.string(),
    fc.string({ unit: anyCharacter }),
    fc.string({ minLength: 50 }),
  );
  fc.assert(
    fc.property(prefixes, fc.nat(99), (prefix, index) => {
      const name = environmentName({ prefix, shard: { index, count: 99 }, id });
      expect(name).toMatch(/^[a-z0-9][a-z0-9_-]*-3f9a1c$/);
      expect(name.length).toBeLessThanOrEqual(63);
    }),
  );
});

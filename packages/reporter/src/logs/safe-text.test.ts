import fc from "fast-check";
import { expect, test } from "vitest";
import { anyCharacter } from "../../../core/test/any-character.ts";
import { cutText, maskFor, safeText } from "./safe-text.ts";

test("doing it twice changes nothing, and nothing unsafe is left", () => {
  const text = fc.oneof(
    fc.string({ unit: anyCharacter, maxLength: 50 }),
    fc.string({ unit: anyCharacter, minLength: 1_900, maxLength: 2_100 }),
  );
  fc.assert(
    fc.property(text, (raw) => {
      const once = safeText(raw);
      expect(once).not.toMatch(/[\p{Cc}\u202e]/u);
      expect(safeText(once)).toBe(once);
      expect(cutText(cutText(once))).toBe(cutText(once));
      expect(cutText(once).length).toBeLessThan(350);
    }),
    { numRuns: 50 },
  );
});

test("passwords of connection strings are masked by value, unless they are names of something", () => {
  const mask = maskFor({
    postgres: { url: "postgres://app:s3cret%20x@127.0.0.1:30000/shop" },
    other: { url: "postgres://postgres:postgres@127.0.0.1:30001/shop" },
    web: { url: "not a url" },
    idle: {},
  });
  expect(mask("got s3cret x, postgres")).toBe("got *****, postgres");
});

import fc from "fast-check";

const codePoint = fc.oneof(
  fc.integer({ min: 0, max: 0xd7ff }),
  // Between them are halves of pairs, which are no characters.
  fc.integer({ min: 0xe000, max: 0x10ffff }),
);

/** The unit of any text there is: fast-check's own, `binary`, takes a second to be made. */
export const anyCharacter = codePoint.map(
  (code) => String.fromCodePoint(code),
  // Whoever can be taken apart is put together to words such as `__proto__` as well.
  (char) => {
    if (typeof char !== "string" || [...char].length !== 1) throw new Error("Not one character.");
    return char.codePointAt(0) ?? 0;
  },
);

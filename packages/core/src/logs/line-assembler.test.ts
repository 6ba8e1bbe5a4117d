import fc from "fast-check";
import { expect, test } from "vitest";
import { LineAssembler } from "./line-assembler.ts";

const timestamp = "2026-01-01T00:00:00.000000001Z";

/** The text that pieces become; the last one ends the line. */
function join(...pieces: readonly (string | Buffer)[]): string | undefined {
  const lines = new LineAssembler();
  return pieces
    .map((piece, index) => {
      const isEnd = index === pieces.length - 1;
      return lines.push({ stream: "out", timestamp, payload: Buffer.from(piece), isEnd });
    })
    .at(-1)?.text;
}

test.each<[string, (string | Buffer)[], string]>([
  ["plain", ["hello"], "hello"],
  ["empty", [""], ""],
  ["pieces", ["one", " two", " three"], "one two three"],
  ["a character cut in two", [Buffer.from([0xc3]), Buffer.from([0xa4])], "ä"],
  ["invalid UTF-8", [Buffer.from([0x61, 0xff, 0x62])], "a\ufffdb"],
  ["colours stay", ["\u001b[31mred\u001b[0m"], "\u001b[31mred\u001b[0m"],
  ["binary", [Buffer.from([0, 7, 9, 0x7f, 0x41])], "\\x00\\x07\t\\x7fA"],
  ["C1 controls", ["a\u0085b\u009bc"], "a\\x85b\\x9bc"],
  ["a terminal's end of line", ["hello\r"], "hello"],
  ["twice the end of line", ["hello\r\r"], "hello"],
  ["a progress bar", ["1 %\r50 %\r100 %"], "100 %"],
  ["a progress bar that ends with one", ["1 %\r50 %\r"], "50 %"],
  ["a progress bar in pieces", ["1 %\r5", "0 %\r", "100", " %\r"], "100 %"],
  ["only returns", ["\r", "\r"], ""],
  ["a return and then nothing", ["done\r", "\r", ""], "done"],
])("%s", (_name, pieces, expected) => {
  expect(join(...pieces)).toBe(expected);
});

test("cut into any pieces, a text stays what it is", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "\r", "ä", "😀") }),
      fc.array(fc.nat(20)),
      (text, cuts) => {
        const bytes = Buffer.from(text);
        const pieces = cuts.map((size, index) => {
          const at = cuts.slice(0, index).reduce((sum, one) => sum + one, 0);
          return bytes.subarray(at, at + size);
        });
        const rest = bytes.subarray(cuts.reduce((sum, one) => sum + one, 0));
        expect(join(...pieces, rest)).toBe(join(bytes));
      },
    ),
  );
});

test("10 MB without an end: its beginning, and how much is missing", () => {
  const piece = "z".repeat(16_384);
  const text = join(...Array<string>(640).fill(piece)) ?? "";
  expect(text).toBe(`${"z".repeat(65_536)} … [10420224 more bytes of this line were left out]`);
  expect(join("z".repeat(10_485_760))).toBe(text);
});

test("the streams' lines are told apart, and what has no end is one at the end", () => {
  const lines = new LineAssembler();
  const push = (stream: "out" | "err", text: string, isEnd: boolean) =>
    lines.push({ stream, timestamp, payload: Buffer.from(text), isEnd })?.text;
  expect(push("out", "o1", false)).toBeUndefined();
  expect(push("err", "e1", false)).toBeUndefined();
  expect(push("out", "o2", true)).toBe("o1o2");
  expect(lines.end()).toEqual([{ stream: "err", timestamp, text: "e1" }]);
  expect(lines.end()).toEqual([]);
});

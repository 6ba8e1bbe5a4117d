import { expect, test } from "vitest";
import { parseAst } from "vitest/node";
import { mayRunRealTest } from "./static-names.ts";

/** As Vite's transform writes imports: 0 is vitest, 1 the helpers, 2 a module of the user's. */
const v = (name: string): string => `(0, __vite_ssr_import_0__.${name})`;
const real = (name: string): string => `(0, __vite_ssr_import_1__.${name})`;
const other = (name: string): string => `(0, __vite_ssr_import_2__.${name})`;

function runs(code: string, pattern: RegExp, everyTest = true): boolean {
  return mayRunRealTest({ program: parseAst(code), pattern, everyTest, file: "a.real.test.ts" });
}

const nested = `${v("describe")}("orders", () => { ${v("test")}("creates one", async () => { await go() }) })`;

test.each([
  ["a test in a suite, joined by a blank", nested, /orders creates/, true],
  ["a test in a suite, joined by an arrow", nested, /^orders > creates one$/, true],
  ["no name at all", nested, /deletes/, false],
  [
    "a name behind a modifier",
    `__vite_ssr_import_0__.test.concurrent("slow", () => {})`,
    /slow/,
    true,
  ],
  [
    "another name behind it",
    `__vite_ssr_import_0__.test.concurrent("slow", () => {})`,
    /fast/,
    false,
  ],
  [
    "names made of cases",
    `__vite_ssr_import_0__.test.each([1])("adds %i", () => {})`,
    /fast/,
    true,
  ],
  ["a computed name", `${v("test")}(title, () => {})`, /fast/, true],
  ["a template with an expression", `${v("test")}(\`a \${b}\`, () => {})`, /fast/, true],
  ["a template without one", `${v("test")}(\`slow\`, () => {})`, /fast/, false],
  ["a loop around tests", `for (const a of b) { ${v("test")}("slow", () => {}) }`, /fast/, false],
  ["tests in forEach", `list.forEach((a) => { ${v("test")}("slow", () => {}) })`, /slow/, true],
  ["a suite by reference", `${v("describe")}("orders", shared)`, /creates/, true],
  ["an extended test", `dbTest("slow", async ({ db }) => { await db.go() })`, /fast/, false],
  ["an unknown function that may register", `${other("conformance")}(store)`, /fast/, true],
  [
    "hooks and methods",
    `${v("beforeAll")}(() => { setUp() }); __vite_ssr_import_2__.default.config()`,
    /x/,
    false,
  ],
])("%s: %#", (_case, code, pattern, expected) => {
  expect(runs(code, pattern)).toBe(expected);
});

const mixed = `
  ${v("describe")}("unit", () => { ${v("test")}("adds", () => {}) });
  ${real("describeReal")}("stored", () => { ${v("test")}("saves", () => {}) });`;

test("of a mixed file only the statements that use services count", () => {
  expect(runs(mixed, /adds/, false)).toBe(false);
  expect(runs(mixed, /saves/, false)).toBe(true);
});

test("a constant that uses services makes every test of the file a real one", () => {
  expect(runs(`const db = ${real("service")}("postgres"); ${mixed}`, /adds/, false)).toBe(true);
  expect(
    runs(`${v("beforeAll")}(() => ${v("inject")}("realServices")); ${mixed}`, /adds/, false),
  ).toBe(true);
});

import { describe, expect, test } from "vitest";
import { addPlugin } from "./add-plugin.ts";

const edit = (source: string) => addPlugin(source, "realServices", "@real-services/vitest");
const IMPORT = 'import { realServices } from "@real-services/vitest";\n';

describe("nothing but two insertions", () => {
  test("in defineConfig", () => {
    const source = `// @ts-check
import { defineConfig } from 'vitest/config'

// Why it is so stays.
export default defineConfig({
  // as does this,
  test: { globals: true }, // and this
})
`;
    expect(edit(source)).toBe(`// @ts-check
import { realServices } from '@real-services/vitest'
import { defineConfig } from 'vitest/config'

// Why it is so stays.
export default defineConfig({
  // as does this,
  test: { globals: true },
  plugins: [realServices()], // and this
})
`);
  });

  test("behind other plugins, one on each line", () => {
    const source = `import react from "@vitejs/plugin-react";

export default defineConfig({
\tplugins: [
\t\treact(),
\t\t...others,
\t],
\ttest: {},
});
`;
    expect(edit(source)).toBe(
      IMPORT + source.replace("...others,", "...others,\n\t\trealServices(),"),
    );
  });

  test("an import may come last", () => {
    const source = 'export default { test };\nimport { test } from "./test.ts";\n';
    expect(edit(source)).toBe(
      `export default { test, plugins: [realServices()] };\n${IMPORT}import { test } from "./test.ts";\n`,
    );
  });

  test("lines end as they did", () => {
    const source = 'import a from "a";\r\nexport default {\r\n  test: {},\r\n};\r\n';
    expect(edit(source)).toBe(
      IMPORT.replace("\n", "\r\n") +
        source.replace("{},\r\n", "{},\r\n  plugins: [realServices()],\r\n"),
    );
  });

  test.each([
    ["a plain object", "export default { test: {} };", "test: {}, plugins: [realServices()] }"],
    ["an empty one", "export default {};", "{ plugins: [realServices()] };"],
    ["an empty list", 'export default { "plugins": [] };', "[realServices()] }"],
    [
      "plugins behind a spread",
      "export default { ...a, plugins: [b()] };",
      "[b(), realServices()] }",
    ],
    [
      "a typed one",
      "export default { test: {} } satisfies A;",
      "plugins: [realServices()] } satisfies A",
    ],
    [
      "a function",
      "export default defineConfig(({ mode }) => ({ a: mode }));",
      "a: mode, plugins: [",
    ],
    [
      "a function with a body",
      "export default defineConfig(async () => { const a = await b(); return { a }; });",
      "return { a, plugins: [realServices()] };",
    ],
    [
      "a constant",
      "const config: UserConfig = defineConfig({ a: 1 });\nexport default config;",
      "defineConfig({ a: 1, plugins: [realServices()] });",
    ],
    [
      "the last of a merge",
      "export default mergeConfig(base, defineConfig({ a: 1 }));",
      "mergeConfig(base, defineConfig({ a: 1, plugins: [realServices()] }));",
    ],
    [
      "the one of a merge that is here",
      "const merged = mergeConfig({ a: 1 }, other);\nexport default merged;",
      "mergeConfig({ a: 1, plugins: [realServices()] }, other);",
    ],
  ])("%s", (_form, source, holds) => {
    const edited = edit(source) ?? "";
    expect(edited).toContain(holds);
    expect(edited.startsWith(`${IMPORT}\n`)).toBe(true);
  });
});

test.each([
  ["what may bring plugins", "export default defineConfig({ ...shared });"],
  ["what may replace the plugins", "export default defineConfig({ plugins: [], ...shared });"],
  ["a list that is made elsewhere", "export default defineConfig({ plugins });"],
  ["a list that is computed", "export default { plugins: [a()].filter(Boolean) };"],
  ["a name that may be anything", "export default defineConfig({ [plugins]: [], ...shared });"],
  [
    "a function that decides",
    "export default defineConfig(() => { if (a) return {}; return b; });",
  ],
  ["arguments of somebody else's function", "export default createConfig({ react: true });"],
  ["merged from elsewhere", "export default mergeConfig(base, other);"],
  ["a constant of itself", "const a = defineConfig(a);\nexport default a;"],
  ["a variable", "let a = { test: {} };\na = b;\nexport default a;"],
  ["a name that is taken", "const realServices = 1;\nexport default {};"],
  ["CommonJS", "module.exports = { test: {} };"],
  ["a syntax error", "export default {"],
])("left alone: %s", (_form, source) => {
  expect(edit(source)).toBeUndefined();
});

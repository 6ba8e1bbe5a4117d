import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { vitestConfig } from "./vitest-config.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "vitest-config-"));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function edit(source: string, file = "vitest.config.ts") {
  writeFileSync(join(project, file), source);
  return vitestConfig(project);
}

test("without a configuration there is a new one", () => {
  const { file, content } = vitestConfig(project);
  expect(file).toBe("vitest.config.ts");
  expect(content).toMatchInlineSnapshot(`
    "import { realServices } from "@real-services/vitest";
    import { defineConfig } from "vitest/config";

    export default defineConfig({
      plugins: [realServices()],
    });
    "
  `);
  expect(edit(content ?? "").content).toBeUndefined();
});

describe("a configuration that is there gets one plugin more", () => {
  test("in defineConfig", () => {
    const source = `import { defineConfig } from "vitest/config";

// Why it is so stays.
export default defineConfig({
  test: { globals: true },
});
`;
    expect(edit(source).content).toMatchInlineSnapshot(`
      "import { realServices } from "@real-services/vitest";
      import { defineConfig } from "vitest/config";

      // Why it is so stays.
      export default defineConfig({
        test: { globals: true },
        plugins: [realServices()],
      });
      "
    `);
  });

  test("behind other plugins", () => {
    const source = `import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
});
`;
    expect(edit(source, "vite.config.mts")).toMatchObject({ file: "vite.config.mts" });
    expect(edit(source, "vite.config.mts").content).toMatchInlineSnapshot(`
      "import { realServices } from "@real-services/vitest";
      import react from "@vitejs/plugin-react";
      import { defineConfig } from "vite";

      export default defineConfig({
        plugins: [react(), realServices()],
      });
      "
    `);
  });

  test("in a plain object", () => {
    expect(
      edit("export default { test: {} };\n", "vitest.config.js").content,
    ).toMatchInlineSnapshot(`
      "import { realServices } from "@real-services/vitest";
      export default {
        test: {},
        plugins: [realServices()]
      };
      "
    `);
  });

  test("Vitest's own file before Vite's", () => {
    edit("export default {};\n", "vite.config.ts");
    expect(edit("export default {};\n").file).toBe("vitest.config.ts");
  });
});

test.each([
  ["a function", "export default defineConfig(({ mode }) => ({ test: { name: mode } }));"],
  ["a merge", "export default mergeConfig(base, defineConfig({ test: {} }));"],
  ["what may bring plugins", "export default defineConfig({ ...shared });"],
  ["a list that is made elsewhere", "export default defineConfig({ plugins });"],
  ["CommonJS", "module.exports = { test: {} };"],
  ["a syntax error", "export default {"],
])("%s is left alone, with what to do by hand", (_form, source) => {
  const { content, note } = edit(source);
  expect(content).toBeUndefined();
  expect(note).toContain('import { realServices } from "@real-services/vitest";');
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { vitestConfig } from "./vitest-config.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "vitest-config-"));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

const LANGUAGE = { isTypeScript: true, isModule: true };

function edit(source: string, file = "vitest.config.ts") {
  writeFileSync(join(project, file), source);
  return vitestConfig(project, LANGUAGE);
}

test("without a configuration there is a new one", () => {
  const { file, content } = vitestConfig(project, LANGUAGE);
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

test.each([
  ["vitest.config.ts", { isTypeScript: true, isModule: true }],
  ["vitest.config.mts", { isTypeScript: true, isModule: false }],
  ["vitest.config.js", { isTypeScript: false, isModule: true }],
  ["vitest.config.mjs", { isTypeScript: false, isModule: false }],
])("the new one is %s for %o", (file, language) => {
  expect(vitestConfig(project, language).file).toBe(file);
});

test("what is there gets one plugin more, and Vitest's own file comes before Vite's", () => {
  expect(edit("export default {};\n", "vite.config.mts")).toMatchObject({
    file: "vite.config.mts",
    content: expect.stringContaining("plugins: [realServices()]"),
  });
  expect(edit("export default {};\n").file).toBe("vitest.config.ts");
});

test("what cannot be edited is left alone, with what to do by hand", () => {
  const { content, note } = edit("export default createConfig({});");
  expect(content).toBeUndefined();
  expect(note).toContain('import { realServices } from "@real-services/vitest";');
});

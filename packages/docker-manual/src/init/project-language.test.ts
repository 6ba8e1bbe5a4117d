import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { projectLanguage } from "./project-language.ts";

test.each<[string, object, string[], { isTypeScript: boolean; isModule: boolean }]>([
  ["as `npm init -y` makes it", { type: "commonjs" }, [], { isTypeScript: false, isModule: false }],
  ["of no type", {}, ["src/a.js"], { isTypeScript: false, isModule: false }],
  ["of modules", { type: "module" }, [], { isTypeScript: false, isModule: true }],
  ["with a tsconfig", {}, ["tsconfig.json"], { isTypeScript: true, isModule: false }],
  ["with a source", {}, ["src/deep/a.tsx"], { isTypeScript: true, isModule: false }],
  ["with a source on top", {}, ["a.test.ts"], { isTypeScript: true, isModule: false }],
  [
    "whose packages have sources",
    {},
    ["node_modules/a/src/a.ts"],
    { isTypeScript: false, isModule: false },
  ],
  [
    "with the compiler",
    { devDependencies: { typescript: "7" } },
    [],
    { isTypeScript: true, isModule: false },
  ],
])("a project %s", (_what, manifest, files, language) => {
  const project = mkdtempSync(join(tmpdir(), "project-language-"));
  try {
    for (const file of files) {
      mkdirSync(dirname(join(project, file)), { recursive: true });
      writeFileSync(join(project, file), "");
    }
    writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
    expect(projectLanguage(project)).toEqual(language);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});

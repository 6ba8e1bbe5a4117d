import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { optIn } from "./package-scripts.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "package-scripts-"));
  // Above the temporary folder may be anything.
  writeFileSync(join(project, "package-lock.json"), "{}");
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function edit(manifest: string) {
  writeFileSync(join(project, "package.json"), manifest);
  return optIn(project);
}

test("two scripts more, in the file's own format", () => {
  const before = `{
\t"name": "a",
\t"scripts": {
\t\t"test": "vitest"
\t},
\t"license": "MIT"
}`;
  const { content = "", note } = edit(before);
  expect(content).toBe(`{
\t"name": "a",
\t"scripts": {
\t\t"test": "vitest",
\t\t"vitest": "vitest-real-services",
\t\t"dependencies": "real-services-link || exit 0"
\t},
\t"license": "MIT"
}`);
  expect(note).toBeUndefined();
  expect(edit(content).content).toBeUndefined();
});

test("a manifest without scripts", () => {
  expect(edit('{\n  "name": "a"\n}\n').content).toBe(`{
  "name": "a",
  "scripts": {
    "vitest": "vitest-real-services",
    "dependencies": "real-services-link || exit 0"
  }
}
`);
});

test("lines end as they did", () => {
  const { content } = edit('{\r\n    "scripts": {}\r\n}\r\n');
  expect(content).toMatch(/^(?:[^\r\n]*\r\n)+$/);
  expect(content).toContain('\r\n        "vitest": "vitest-real-services",\r\n');
});

test("what the scripts do already stays", () => {
  const { content = "", note } = edit(
    JSON.stringify({ scripts: { vitest: "vitest --ui", dependencies: "patch-package" } }),
  );
  expect(JSON.parse(content).scripts).toEqual({
    vitest: "vitest --ui",
    dependencies: "patch-package && (real-services-link || exit 0)",
  });
  expect(note).toContain("has a script `vitest`");
  expect(edit(content).content).toBeUndefined();
});

test("a project of pnpm's links in `prepare`, as does a folder inside one", () => {
  const inner = join(project, "packages/a");
  mkdirSync(inner, { recursive: true });
  writeFileSync(join(project, "pnpm-lock.yaml"), "");
  writeFileSync(join(inner, "package.json"), "{}");
  for (const { content = "" } of [edit("{}"), optIn(inner)]) {
    expect(Object.keys(JSON.parse(content).scripts)).toEqual([
      "vitest",
      "prepare",
      "pnpm:devPreinstall",
    ]);
  }
});

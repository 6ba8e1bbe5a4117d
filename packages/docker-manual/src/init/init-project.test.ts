import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { initProject } from "./init-project.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "init-project-"));
  writeFileSync(join(project, "package.json"), '{ "name": "consumer" }\n');
  writeFileSync(join(project, "package-lock.json"), "{}");
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function contents(): Record<string, string> {
  const files = globSync("**", { cwd: project, withFileTypes: false }).sort();
  return Object.fromEntries(
    files
      .filter((file) => statSync(join(project, file)).isFile())
      .map((file) => [file, readFileSync(join(project, file), "utf8")]),
  );
}

const actions = (report: Awaited<ReturnType<typeof initProject>>) =>
  report.files.map(({ action, file }) => `${action} ${file}`);

test("sets up once; again it changes no byte", async () => {
  const report = await initProject(project, false);
  expect(actions(report)).toEqual([
    "created vitest.config.mjs",
    "created test/services.real.test.js",
    "changed package.json",
    "created .gitignore",
  ]);
  expect(report.notes.join("\n")).toContain("The stack cannot be read yet");
  expect(report.notes.at(-1)).toBe(
    "Next: npm i -D @real-services/vitest\nThen: mend the stack, as said above\nThen: npx vitest run --real-services",
  );

  const before = contents();
  expect(actions(await initProject(project, false))).toEqual([
    "unchanged vitest.config.mjs",
    "unchanged test/services.real.test.js",
    "unchanged package.json",
    "unchanged .gitignore",
  ]);
  expect(contents()).toEqual(before);
});

test("says what it would do, and does nothing", async () => {
  const before = contents();
  expect(actions(await initProject(project, true))).toContain("created vitest.config.mjs");
  expect(contents()).toEqual(before);
});

test("a real test that is there is enough", async () => {
  writeFileSync(join(project, "orders.real.spec.mjs"), "");
  expect(actions(await initProject(project, false))).toContain("unchanged orders.real.spec.mjs");
});

test("a stack that the configuration names is not looked for elsewhere", async () => {
  const source = 'export default { plugins: [realServices({ compose: "../stack.yml" })] };\n';
  const file = join(project, "vitest.config.ts");
  writeFileSync(file, `import { realServices } from "@real-services/vitest";\n${source}`);
  mkdirSync(join(project, "node_modules/@real-services/vitest"), { recursive: true });
  const { notes } = await initProject(project, true);
  expect(notes).toEqual(["Next: npx vitest run --real-services"]);
});

test("a folder without a package.json is no project", async () => {
  rmSync(join(project, "package.json"));
  await expect(initProject(project, false)).rejects.toMatchObject({
    code: "REAL_SERVICES_INVALID_OPTION",
    received: project,
  });
});

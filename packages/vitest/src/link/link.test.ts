import { execFileSync, spawn } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { link, linkState, unlink } from "./link.ts";
import { linkAgain } from "./link-again.ts";
import { findProject, hasOptedIn } from "./project.ts";
import { linkAfter } from "./when-done.ts";

let project: string;
let command: string;
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), "link-")));
  command = join(project, "node_modules/.bin/vitest");
  put(
    "package.json",
    JSON.stringify({ scripts: { dependencies: "real-services-link || exit 0" } }),
  );
  put("node_modules/vitest/package.json", JSON.stringify({ bin: { vitest: "./cli.mjs" } }));
  put("node_modules/vitest/cli.mjs", 'console.log("vitest", ...process.argv.slice(2));');
  put(
    "node_modules/@real-services/vitest/bin/vitest-real-services.js",
    'console.log("launcher", ...process.argv.slice(2));',
  );
  put("node_modules/@real-services/vitest/package.json", '{ "type": "module" }');
  mkdirSync(join(project, "node_modules/.bin"), { recursive: true });
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function put(file: string, text: string): void {
  const path = join(project, file);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text, { mode: 0o755 });
}
const run = (): string => execFileSync(command, ["run"], { encoding: "utf8" }).trim();
const asNpm = (): void => symlinkSync("../vitest/cli.mjs", command);
const asPnpm = (): void =>
  put(
    "node_modules/.bin/vitest",
    '#!/bin/sh\nexec node "$(dirname "$0")/../vitest/vitest.mjs" "$@"\n',
  );

test("takes npm's symlink over and gives it back", async () => {
  asNpm();
  expect(linkState(project)).toBe("vitest");
  await link(project);
  expect([linkState(project), run()]).toEqual(["linked", "launcher run"]);
  await unlink(project);
  expect([linkState(project), readlinkSync(command)]).toEqual(["vitest", "../vitest/cli.mjs"]);
});

test("puts a script where pnpm has put one", async () => {
  asPnpm();
  expect(linkState(project)).toBe("vitest");
  await link(project);
  expect([linkState(project), run()]).toEqual(["linked", "launcher run"]);
  expect(lstatSync(command).isFile()).toBe(true);
});

test("still runs vitest when our package is gone", async () => {
  asNpm();
  await link(project);
  rmSync(join(project, "node_modules/@real-services"), { recursive: true });
  put("node_modules/vitest/cli.mjs", "console.log(process.argv.length);");
  expect(run()).toBe("3");
});

test("a link that an install displaced comes back, in projects that opted in", async () => {
  asNpm();
  await link(project);
  rmSync(command);
  asNpm();
  await linkAgain(join(project, "packages/deep"));
  expect(linkState(project)).toBe("linked");
});

test.each([
  ["was never made", () => {}],
  ["was undone", () => link(project).then(() => unlink(project))],
  ["is no longer wanted", () => link(project).then(() => put("package.json", "{}"))],
])("a link that %s does not come back", async (_why, before) => {
  asNpm();
  await before();
  rmSync(command);
  asNpm();
  await linkAgain(project);
  expect(linkState(project)).toBe("vitest");
});

test("says what is there otherwise", () => {
  expect(linkState(project)).toBe("missing");
  symlinkSync("/bin/sh", command);
  expect(linkState(project)).toBe("other");
});

test("finds the project from a folder within, and none where the package is not", () => {
  mkdirSync(join(project, "packages/deep"), { recursive: true });
  expect(findProject(join(project, "packages/deep"))).toBe(project);
  expect(findProject(tmpdir())).toBeUndefined();
  expect(hasOptedIn(project)).toBe(true);
});

test("links once another process has ended, such as a package manager", async () => {
  asNpm();
  const installer = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
  const linked = linkAfter(installer.pid ?? 0, project);
  expect(linkState(project)).toBe("vitest");
  installer.stdin.end();
  await linked;
  expect(linkState(project)).toBe("linked");
});

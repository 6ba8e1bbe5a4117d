import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  environmentFolder,
  environmentLog,
  fileNameFor,
  sweepEnvironmentFolders,
} from "./environment-folder.ts";
import { stateFolder } from "./state-folder.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "real-services-state-"));
  vi.stubEnv("REAL_SERVICES_STATE_DIR", join(root, "state"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const mode = (path: string) => statSync(path).mode & 0o777;

test("folders are their user's alone, and so are the files in them", () => {
  const folder = environmentFolder("shop-test-3f9a1c");
  environmentLog("shop-test-3f9a1c", "watchdog")("done");
  expect(mode(join(root, "state"))).toBe(0o700);
  expect(mode(folder)).toBe(0o700);
  const file = join(folder, "watchdog.log");
  expect(mode(file)).toBe(0o600);
  expect(readFileSync(file, "utf8")).toMatch(/^\d{4}-.*Z done\n$/);
});

test.each([
  "-rf",
  "..",
  ".",
  "",
  ".hidden",
  "CON",
  "nul",
  "com1",
  "../../etc/passwd",
  "/etc",
  "a\0b",
  "ä".repeat(300),
])("a service may be called %j", (name) => {
  const file = fileNameFor(name);
  expect(file).toMatch(/^_[\w-]{0,40}\.[0-9a-f]{16}$/);
  expect(join(root, file).startsWith(root + sep)).toBe(true);
});

test.each(["a", "db", "web", "api", "redis", "console", "com10", "x".repeat(64)])(
  "%s is the name of its file",
  (name) => expect(fileNameFor(name)).toBe(name),
);

test("other texts have other names, also where the file system ignores case", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(fileNameFor(a).toLowerCase() === fileNameFor(b).toLowerCase()).toBe(a === b);
      expect(fileNameFor(a)).not.toMatch(/[/\\]|^\.{1,2}$|^(?:con|nul|aux|prn)(?:\.|$)/i);
    }),
  );
});

test("a link in the place of a log is not written through", () => {
  const target = join(root, "target");
  writeFileSync(target, "precious");
  symlinkSync(target, join(environmentFolder("shop-test"), "watchdog.log"));
  environmentLog("shop-test", "watchdog")("gone");
  expect(readFileSync(target, "utf8")).toBe("precious");
});

test("a log that cannot be written stops nobody", () => {
  mkdirSync(join(environmentFolder("shop-test"), "watchdog.log"));
  expect(() => environmentLog("shop-test", "watchdog")("gone")).not.toThrow();
});

test("a state folder that is a link, or a file, is refused", () => {
  mkdirSync(join(root, "elsewhere"));
  symlinkSync(join(root, "elsewhere"), join(root, "state"));
  expect(() => stateFolder("ports")).toThrow(/cannot be trusted/);
  expect(readdirSync(join(root, "elsewhere"))).toEqual([]);
  rmSync(join(root, "state"));
  writeFileSync(join(root, "state"), "");
  expect(() => stateFolder("ports")).toThrow();
});

test.skipIf(process.platform === "win32")("one that others may write to is refused", () => {
  mkdirSync(join(root, "state"));
  chmodSync(join(root, "state"), 0o777);
  expect(() => stateFolder("ports")).toThrow(/cannot be trusted/);
  expect(existsSync(join(root, "state", "ports"))).toBe(false);
});

test.runIf(process.getuid?.() === 0)("one of another user is refused", () => {
  mkdirSync(join(root, "state"), { mode: 0o700 });
  const nobody = 65_534;
  chownSync(join(root, "state"), nobody, nobody);
  expect(() => stateFolder("ports")).toThrow(/cannot be trusted/);
  expect(readdirSync(join(root, "state"))).toEqual([]);
});

test("a link in the place of one of its folders is refused", () => {
  stateFolder("locks");
  symlinkSync(root, join(root, "state", "ports"));
  expect(() => stateFolder("ports")).toThrow(/cannot be trusted/);
});

test("what nobody has written to for a week goes, unless its environment is still there", () => {
  const WEEK = 7 * 24 * 3_600_000;
  const parent = join(root, "state/environments");
  for (const name of ["gone-1", "there-1"]) environmentLog(name, "watchdog")("done");
  const target = join(root, "target");
  mkdirSync(target);
  writeFileSync(join(target, "precious"), "");
  symlinkSync(target, join(parent, "linked"));
  const there = new Set(["there-1"]);
  expect(sweepEnvironmentFolders(there, Date.now() + WEEK - 60_000)).toBe(0);
  expect(sweepEnvironmentFolders(there, Date.now() + WEEK + 60_000)).toBe(2);
  expect(readdirSync(parent)).toEqual(["there-1"]);
  expect(readdirSync(target)).toEqual(["precious"]);
});

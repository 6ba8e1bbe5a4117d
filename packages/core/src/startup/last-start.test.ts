import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StartProfile } from "../environment.ts";
import { readLastStart, writeLastStart } from "./last-start.ts";

const HASH = "0123456789abcdef";
const profile: StartProfile = { services: [], criticalPath: ["db"], advice: undefined };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "last-start-"));
  vi.stubEnv("REAL_SERVICES_STATE_DIR", root);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

test("the last one is read back, of the same stack only", () => {
  writeLastStart(HASH, { ...profile, criticalPath: [] });
  writeLastStart(HASH, profile);
  expect(readLastStart(HASH)?.criticalPath).toEqual(["db"]);
  expect(readLastStart("f123456789abcdef")).toBeUndefined();
  expect(readdirSync(join(root, "starts"))).toEqual([`${HASH}.json`]);
});

test("what is a month old goes with the next one", () => {
  writeLastStart(HASH, profile);
  const old = new Date(Date.now() - 31 * 24 * 3_600_000);
  utimesSync(join(root, "starts", `${HASH}.json`), old, old);
  writeLastStart("f123456789abcdef", profile);
  expect(readLastStart(HASH)).toBeUndefined();
});

test("what is no profile, and what is no hash", () => {
  writeLastStart("../escape", profile);
  expect(readdirSync(root)).toEqual([]);
  writeLastStart(HASH, profile);
  writeFileSync(join(root, "starts", `${HASH}.json`), "{ half");
  expect(readLastStart(HASH)).toBeUndefined();
});

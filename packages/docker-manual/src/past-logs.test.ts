import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type PastLogOptions, readPastLogs } from "./past-logs.ts";

const NOW = Date.now();
const SECOND = 1_000;
const LOGS = {
  web: [
    [60, 1, "early"],
    [40, 2, "of the second"],
    [20, 1, "late"],
  ],
  db: [
    [50, 1, "begins"],
    [30, 1, "ready"],
  ],
  quiet: [],
} as const;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "docker-manual-past-"));
  // As a run leaves it that was killed.
  const folder = join(root, "shop-1");
  mkdirSync(folder);
  const services = Object.keys(LOGS).map((file) => [file, { file, gaps: [] }]);
  const manifest = {
    ...{ environment: "shop-1", id: "1", engine: "29", pid: 4_194_304, host: "another" },
    ...{ beganMs: NOW - 60 * SECOND, clock: [], services: Object.fromEntries(services) },
  };
  writeFileSync(join(folder, "environment.json"), JSON.stringify(manifest));
  for (const [service, lines] of Object.entries(LOGS)) {
    const text = lines.map(([ago, replica, said]) => {
      const time = new Date(NOW - ago * SECOND).toISOString().replace("Z", "000000Z");
      return `${time} out ${replica} ${said}\n`;
    });
    writeFileSync(join(folder, `${service}.log`), text.join(""));
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = (name: string, options: Partial<PastLogOptions> = {}) =>
  readPastLogs(root, name, {
    ...{ services: [], present: new Set<string>(), sinceMs: 0, tail: 1e9 },
    ...options,
  });
const texts = async (options: Partial<PastLogOptions>) =>
  (await read("shop", options))?.lines.map(({ text }) => text);

test("in the order of time; the end is that of each container", async () => {
  expect(await texts({})).toEqual(["early", "begins", "of the second", "ready", "late"]);
  expect(await texts({ tail: 1 })).toEqual(["of the second", "ready", "late"]);
  expect(await texts({ tail: 0 })).toEqual([]);
  expect(await texts({ sinceMs: NOW - 35 * SECOND })).toEqual(["ready", "late"]);
});

test("only some services; one that wrote nothing is known, another is not", async () => {
  expect(await texts({ services: ["db"] })).toEqual(["begins", "ready"]);
  expect(await read("shop", { services: ["quiet"] })).toEqual({ services: ["quiet"], lines: [] });
  await expect(read("shop", { services: ["wb"] })).rejects.toMatchObject({
    code: "REAL_SERVICES_UNKNOWN_SERVICE",
    hint: expect.stringContaining("“web”"),
  });
});

test("nothing is known of what has another name, or may still run", async () => {
  expect(await read("shops")).toBeUndefined();
  expect(await read("shop", { present: new Set(["1"]) })).toBeUndefined();
  expect(await read("shop", { present: undefined })).toBeUndefined();
});

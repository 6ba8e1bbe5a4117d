import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { archiveRuns, listRuns, type PastRun, surplus } from "./archive.ts";
import { unpackArchive } from "./unpack-archive.ts";

const NOW = Date.parse("2026-01-10T00:00:00Z");
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const KEEP = { maxBytes: 1e9, keepRuns: 10, keepDays: 7 };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "core-archive-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function run(name: string, ago: number, manifest: object = { endedMs: NOW - ago }): void {
  const folder = join(root, name);
  mkdirSync(folder);
  const base = {
    ...{ environment: name, id: `id of ${name}`, pid: 4_194_304, host: hostname() },
    ...{ beganMs: 0, clock: [], services: {} },
  };
  const files = {
    "environment.json": JSON.stringify({ ...base, ...manifest }),
    "database.log": `of ${name}\n`,
    "database.2.log": "later\n",
    "database.log.index": "1 1 a b\n",
    "report.md": "# what happened\n",
  };
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(folder, file), content);
    utimesSync(join(folder, file), (NOW - ago) / 1_000, (NOW - ago) / 1_000);
  }
}

const left = () => [readdirSync(root).toSorted(), listRuns(root, NOW).map(({ name }) => name)];

test("what is over and not recent becomes one readable file", async () => {
  run("old", 60 * MINUTE);
  run("recent", 5 * MINUTE);
  run("running", 60 * MINUTE, { pid: process.pid });
  run("silent", 120 * MINUTE, {});
  run("quiet", 30 * MINUTE, {});
  mkdirSync(join(root, "no-run"));
  await archiveRuns(root, KEEP, NOW);
  expect(left()).toEqual([
    ["archive", "no-run", "quiet", "recent", "running"],
    ["recent", "old", "silent"],
  ]);
  const archive = join(root, "archive");
  expect(readdirSync(archive).toSorted()).toEqual(["old.log.gz", "silent.log.gz"]);
  expect(statSync(join(archive, "old.log.gz")).mode & 0o777).toBe(0o600);
  const text = gunzipSync(readFileSync(join(archive, "old.log.gz"))).toString();
  expect(text.match(/^==> .* <==$/gm)).toEqual([
    "==> report.md <==",
    "==> environment.json <==",
    "==> database.log <==",
    "==> database.2.log <==",
  ]);
  expect(text).toContain("of old\n");
  await archiveRuns(root, KEEP, NOW);
  expect(left()[1]).toEqual(["recent", "old", "silent"]);
});

test("a run whose environment is not on the engine is over; one that may live may still write", () => {
  run("there", MINUTE, {});
  run("ended", MINUTE);
  run("killed", 2 * MINUTE, {});
  run("living", 3 * MINUTE, { pid: process.pid });
  run("elsewhere", 4 * MINUTE, { host: "another" });
  run("silent-elsewhere", 120 * MINUTE, { host: "another" });
  const present = new Set(["id of there", "id of ended"]);
  const runs = listRuns(root, NOW, present);
  expect(runs.map(({ name, mayBeWritten }) => [name, mayBeWritten])).toEqual([
    ["ended", false],
    ["killed", false],
    ["living", true],
    ["elsewhere", true],
    ["silent-elsewhere", false],
  ]);
  expect(left()[1]).toEqual(["ended", "silent-elsewhere"]);
});

test("two at once make one of each", async () => {
  for (let index = 0; index < 5; index += 1) run(`run-${index}`, (20 + index) * MINUTE);
  await Promise.all([archiveRuns(root, KEEP, NOW), archiveRuns(root, KEEP, NOW)]);
  expect(left()).toEqual([["archive"], ["run-0", "run-1", "run-2", "run-3", "run-4"]]);
  expect(readdirSync(join(root, "archive"))).toHaveLength(5);
});

test("a process that ended while it compressed leaves a run like any other", async () => {
  run("cut-off", 60 * MINUTE);
  run("done", 70 * MINUTE);
  run("removing", 75 * MINUTE);
  run("under-way", 80 * MINUTE);
  const archive = join(root, "archive");
  mkdirSync(archive);
  const claim = (name: string, pid: number) => {
    const path = join(archive, `${name}.${pid}@${hostname()}`);
    renameSync(join(root, name), path);
    writeFileSync(`${path}.part`, "x".repeat(1e6));
  };
  claim("cut-off", 4_194_304);
  claim("removing", 4_194_304);
  writeFileSync(join(archive, "removing.log.gz"), "");
  claim("under-way", process.ppid);
  expect(left()[1]).toEqual(["removing", "cut-off", "done"]);
  await archiveRuns(root, { ...KEEP, maxBytes: 10_000 }, NOW);
  expect(left()).toEqual([["archive"], ["removing", "cut-off", "done"]]);
  const files = readdirSync(archive).filter((name) => !name.startsWith("under-way"));
  expect(files.toSorted()).toEqual(["cut-off.log.gz", "done.log.gz", "removing.log.gz"]);
  expect(readdirSync(archive)).toHaveLength(5);
  expect(gunzipSync(readFileSync(join(archive, "cut-off.log.gz"))).toString()).toContain(
    "of cut-off",
  );
});

test("a run that cannot be compressed stays as it is, and the others go on", async () => {
  run("odd", 50 * MINUTE);
  mkdirSync(join(root, "odd", "folder.log"));
  run("old", 60 * MINUTE);
  run("ancient", 8 * DAY);
  await archiveRuns(root, KEEP, NOW);
  expect(left()).toEqual([
    ["archive", "odd"],
    ["odd", "old"],
  ]);
  expect(readdirSync(join(root, "archive"))).toEqual(["old.log.gz"]);
});

test("what is too old is removed, and not the folder beside it", async () => {
  run("ancient", 8 * DAY);
  run("old", 6 * DAY);
  writeFileSync(join(root, "archive-of-mine"), "");
  await archiveRuns(root, KEEP, NOW);
  expect(left()).toEqual([["archive", "archive-of-mine"], ["old"]]);
});

const past = (endedDaysAgo: number, bytes = 1, isArchive = true): PastRun => {
  const endedMs = NOW - endedDaysAgo * DAY;
  const name = String(endedDaysAgo);
  return { name, path: "", isArchive, mayBeWritten: false, endedMs, bytes };
};
const names = (runs: readonly PastRun[]) => runs.map(({ name }) => name);

test("count, age and size each decide, and never about a folder", () => {
  const runs = [past(0, 500, false), past(1, 50), past(2, 50), past(3, 50), past(9)];
  expect(names(surplus(runs, KEEP, NOW))).toEqual(["9"]);
  expect(names(surplus(runs, { ...KEEP, keepRuns: 3 }, NOW))).toEqual(["3", "9"]);
  expect(names(surplus(runs, { ...KEEP, maxBytes: 100 }, NOW))).toEqual(["3", "9"]);
  expect(names(surplus(runs, { ...KEEP, keepRuns: 0 }, NOW))).toEqual(["1", "2", "3", "9"]);
  expect(names(surplus(runs, { ...KEEP, keepDays: 1.5 }, NOW))).toEqual(["2", "3", "9"]);
});

test("what is unpacked is what was, but for the index", async () => {
  run("old", 60 * MINUTE);
  const folder = join(root, "old");
  const odd = {
    "odd.log": "a\r\n\n==> ../evil <==\nno end",
    "empty.log": "",
    "large.log": "x".repeat(1e6),
  };
  for (const [file, content] of Object.entries(odd)) writeFileSync(join(folder, file), content);
  const read = (at: string) =>
    Object.fromEntries(
      readdirSync(at)
        .filter((file) => !file.endsWith(".index"))
        .map((file) => [file, readFileSync(join(at, file), "utf8")]),
    );
  const before = read(folder);
  await archiveRuns(root, KEEP, NOW);
  const again = join(root, "again");
  mkdirSync(again);
  await unpackArchive(join(root, "archive", "old.log.gz"), again);
  expect(read(again)).toEqual(before);
});

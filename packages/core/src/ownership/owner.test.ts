import fc from "fast-check";
import { expect, test } from "vitest";
import { type Owner, readOwner, writeOwner } from "./owner.ts";

const process = {
  kind: "process",
  host: "host",
  boot: "boot",
  pidNamespace: "pid:[1]",
  pid: 4711,
  startTime: "1",
} as const;

test.each<Owner>([
  process,
  { ...process, boot: "", pidNamespace: "", startTime: "" },
  { kind: "lease", until: "2026-01-01T00:00:00.000Z" },
])("what is written is read again: %o", (owner) => {
  expect(readOwner(writeOwner(owner))).toEqual(owner);
});

test("whatever else a label carries is dropped", () => {
  expect(readOwner(JSON.stringify({ ...process, extra: 1 }))).toEqual(process);
});

test.each([
  "",
  "4711",
  "null",
  "[]",
  "{}",
  '{"kind":"process"',
  '{"kind":"human"}',
  '{"kind":"lease"}',
  '{"kind":"lease","until":4711}',
  '{"kind":"lease","until":"tomorrow"}',
  JSON.stringify({ ...process, pid: 0 }),
  JSON.stringify({ ...process, pid: -1 }),
  JSON.stringify({ ...process, pid: 1.5 }),
  JSON.stringify({ ...process, pid: "4711" }),
  JSON.stringify({ ...process, pid: 2 ** 60 }),
  JSON.stringify({ ...process, host: "" }),
  JSON.stringify({ ...process, host: undefined }),
  JSON.stringify({ ...process, boot: null }),
  JSON.stringify({ ...process, startTime: 1 }),
])("a label that no writer made is unreadable: %s", (label) => {
  expect(readOwner(label)).toBeUndefined();
});

test("no label whatever makes it throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (label) => {
      readOwner(label);
    }),
  );
});

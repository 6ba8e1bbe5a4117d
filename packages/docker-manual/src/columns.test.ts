import { expect, test } from "vitest";
import { columns } from "./columns.ts";

const STATS = [
  ["api", "0.1 %", "5.0 MiB", "", "1.2 KiB"],
  ["postgres", "12.5 %", "48.3 MiB", "9 %", "310 B"],
];
const HEADER = ["SERVICE", "CPU", "MEMORY", "OF LIMIT", "NET IN"];
const STATUS = [
  ["  api", "running", "HEALTHY", "up 4s", "127.0.0.1:30000->8000 127.0.0.1:30001->9000"],
  ["  cache", "exited", "STOPPED", "", ""],
];
const FACTS = [
  ["engine", "26.1.5 at unix:///var/run/docker.sock"],
  ["networks", "subnets in use: 4"],
];
const CLEAN = [["kept", "shop-3f9a1c", "2 containers, 1 network", "owner process 4711 is alive"]];
const URLS = [["# cache", "redis://:word@127.0.0.1:30001"]];

const at = (width: number, rows: readonly string[][], header?: readonly string[]) =>
  `\n${columns(rows, { width, ...(header === undefined ? {} : { header }) }).join("\n")}\n`;

test("where there is room, each column is as wide as its widest cell, and empty ones are left out", () => {
  expect(at(80, STATS, HEADER)).toMatchInlineSnapshot(`
    "
    SERVICE   CPU     MEMORY    OF LIMIT  NET IN
    api       0.1 %   5.0 MiB             1.2 KiB
    postgres  12.5 %  48.3 MiB  9 %       310 B
    "
  `);
  expect(
    at(80, [
      ["a", "", "b"],
      ["long", ""],
    ]),
  ).toMatchInlineSnapshot(`
    "
    a     b
    long
    "
  `);
  expect(columns([])).toEqual([]);
});

test("where there is less, the last column goes on below itself, or below its row", () => {
  expect(at(34, FACTS)).toMatchInlineSnapshot(`
    "
    engine
      26.1.5 at
        unix:///var/run/docker.sock
    networks  subnets in use: 4
    "
  `);
  expect(at(32, URLS)).toMatchInlineSnapshot(`
    "
    # cache
    #   redis://:word@127.0.0.1:30001
    "
  `);
});

test("where there is little, each row is a paragraph of its cells", () => {
  expect(at(40, STATS, HEADER)).toMatchInlineSnapshot(`
    "
    SERVICE api  CPU 0.1 %  MEMORY 5.0 MiB
      NET IN 1.2 KiB
    SERVICE postgres  CPU 12.5 %
      MEMORY 48.3 MiB  OF LIMIT 9 %
      NET IN 310 B
    "
  `);
  expect(at(40, STATUS)).toMatchInlineSnapshot(`
    "
      api  running  HEALTHY  up 4s
        127.0.0.1:30000->8000
          127.0.0.1:30001->9000
      cache  exited  STOPPED
    "
  `);
  expect(at(30, CLEAN)).toMatchInlineSnapshot(`
    "
    kept  shop-3f9a1c
      2 containers, 1 network
      owner process 4711 is alive
    "
  `);
});

test("whatever the width, no word is lost and only words that are longer stand out", () => {
  for (const rows of [STATS, STATUS, FACTS, CLEAN, URLS]) {
    const words = rows
      .flat()
      .join(" ")
      .split(/\s+/)
      .filter((word) => !/^#?$/.test(word));
    for (let width = 1; width < 100; width += 1) {
      const lines = columns(rows, { width });
      const shown = lines
        .join(" ")
        .split(/\s+/)
        .filter((word) => !/^#?$/.test(word));
      expect(shown).toEqual(words);
      const wide = lines.filter((line) => line.length > width);
      // Nothing but its indentation and the one word.
      for (const line of wide) expect(line).toMatch(/^[\s#]*\S+$/);
    }
  }
});

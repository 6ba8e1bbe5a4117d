import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import type { LifecycleEvent } from "@real-services/core";
import { expect, test } from "vitest";
import { createProgress } from "./progress.ts";
import { type Pull, summarizePull } from "./pull.ts";

const environment = "shop-1";
const progress = (image: string, layersDone: number, bytes: number): LifecycleEvent => ({
  ...{ type: "image:progress", environment, image, layers: 4, layersDone, bytes },
  totalBytes: 50e6,
});
const events: LifecycleEvent[] = [
  { type: "services:planned", environment, services: ["db"] },
  { type: "image:pulling", environment, images: ["postgres:17", "redis:7"] },
  progress("postgres:17", 1, 1e6),
  progress("redis:7", 0, 20e6),
  progress("postgres:17", 2, 2.46e6),
];
const pulled: LifecycleEvent = {
  ...{ type: "image:pulled", environment, images: ["postgres:17", "redis:7"], durationMs: 3_000 },
};

function record(live: boolean, shown: readonly LifecycleEvent[]): string[] {
  const stream = Object.assign(new PassThrough(), { isTTY: live, columns: 100, rows: 24 });
  const view = createProgress({ stream, live, now: () => 0 });
  for (const event of shown) view.listener(event);
  view.done();
  return stripVTControlCharacters(String(stream.read())).trimEnd().split("\n");
}

test.each<[string, Pull]>([
  ["redis:7", new Map([["redis:7", undefined]])],
  [
    "1 of 4 layers  2.0 of 8.1 MB  redis:7, node:24",
    new Map([
      ["redis:7", { layers: 4, layersDone: 1, bytes: 2e6, totalBytes: 8.1e6 }],
      ["node:24", undefined],
    ]),
  ],
  ["0 of 2 layers  a", new Map([["a", { layers: 2, layersDone: 0, bytes: 0, totalBytes: 0 }]])],
])("%s", (text, pull) => {
  expect(summarizePull(pull)).toBe(text);
});

test("on a terminal one line keeps up with all images", () => {
  // Only the line that changed is written again, over itself.
  expect(record(true, events)).toEqual([
    "real-services  db      waiting",
    "real-services  images  pulling    postgres:17, redis:7",
    "real-services  images  pulling    2 of 8 layers  22.5 of 100.0 MB  postgres:17, redis:7",
  ]);
});

test("it goes when the images are there; that stays", () => {
  const lines = record(true, [...events, pulled]);
  expect(lines.at(-2)).toBe("real-services  images  pulled     3.0 s  postgres:17, redis:7");
  expect(lines.at(-1)).toBe("real-services  db      waiting");
});

test("elsewhere there is one line at the begin and one at the end", () => {
  expect(record(false, [...events, pulled])).toEqual([
    "real-services  images  pulling    postgres:17, redis:7",
    "real-services  images  pulled     3.0 s  postgres:17, redis:7",
  ]);
});

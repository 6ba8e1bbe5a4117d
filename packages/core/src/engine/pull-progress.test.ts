import { expect, test } from "vitest";
import { PullLog } from "./pull-progress.ts";

/** As Compose 2.40 and Engine 26.1 tell it. */
const layer = (id: string, parent_id: string, text: string, more: object = {}) =>
  JSON.stringify({ id, parent_id, text, ...more });
const amount = (current: number, total: number) => ({ current, total, percent: 1, status: "[>" });

function logOf(...lines: readonly string[]): PullLog {
  const log = new PullLog();
  for (const line of lines) log.read(line);
  return log;
}

test("layers and bytes add up, each image for itself", () => {
  const log = logOf(
    '{"id":"web","text":"Pulling"}',
    layer("aaa", "web", "Pulling fs layer"),
    layer("bbb", "web", "Pulling fs layer"),
    layer("ccc", "web", "Already exists"),
    layer("aaa", "db", "Pulling fs layer"),
    layer("aaa", "web", "Downloading", amount(10, 100)),
    layer("aaa", "web", "Downloading", amount(60, 100)),
    layer("bbb", "web", "Downloading", amount(5, 50)),
  );
  expect(log.progressOf("web")).toEqual({ layers: 3, layersDone: 1, bytes: 65, totalBytes: 150 });
  expect(log.progressOf("db")).toEqual({ layers: 1, layersDone: 0, bytes: 0, totalBytes: 0 });
  expect(log.progressOf("unheard of")).toMatchObject({ layers: 0 });
});

test("what has come stays counted while it is extracted, until it is done", () => {
  const log = new PullLog();
  log.read(layer("aaa", "web", "Downloading", amount(90, 100)));
  for (const [text, more] of [
    ["Verifying Checksum", {}],
    ["Download complete", { percent: 100 }],
    ["Extracting", amount(10, 100)],
  ] as const) {
    expect(log.read(layer("aaa", "web", text, more))).toBe("web");
    expect(log.progressOf("web")).toMatchObject({ bytes: 100, totalBytes: 100, layersDone: 0 });
  }
  log.read(layer("aaa", "web", "Pull complete", { percent: 100 }));
  expect(log.progressOf("web")).toEqual({ layers: 1, layersDone: 1, bytes: 100, totalBytes: 100 });
});

test("a layer too small to be told of while it came", () => {
  const log = logOf(
    layer("aaa", "web", "Download complete"),
    layer("aaa", "web", "Extracting", amount(7, 70)),
  );
  expect(log.progressOf("web")).toMatchObject({ bytes: 70, totalBytes: 70 });
});

test("newer versions name the image", () => {
  const log = logOf(layer("aaa", "Image shop/web:1", "Pull complete"));
  expect(log.progressOf("shop/web:1")).toMatchObject({ layersDone: 1 });
});

test("what failed, and why", () => {
  const log = logOf(
    '{"id":"web","text":"Error","status":"toomanyrequests: slow down"}',
    '{"error":true,"message":"Error response from daemon: toomanyrequests: slow down"}',
  );
  expect([...log.failures]).toEqual([["web", "toomanyrequests: slow down"]]);
  expect(log.error).toBe("Error response from daemon: toomanyrequests: slow down");
});

test.each(["", "time=… level=warning", "{", "[]", '{"id":7,"parent_id":"web"}', '{"text":"x"}'])(
  "no progress: %s",
  (line) => {
    const log = new PullLog();
    expect(log.read(line)).toBeUndefined();
    expect(log.failures.size).toBe(0);
    expect(log.error).toBeUndefined();
  },
);

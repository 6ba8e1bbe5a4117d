import fc from "fast-check";
import { expect, test } from "vitest";
import { readMessage, type Watched, WatchList, writeMessage } from "./watch-list.ts";

const labelled = (id: string): Watched => ({
  labels: {
    environment: `shop-${id}`,
    id,
    kind: "dedicated",
    owner: '{"kind":"process"}',
    stack: "hash",
    created: "2026-01-01T00:00:00.000Z",
  },
  engine: "unix:///var/run/docker.sock",
});
const watch = (id: string) => writeMessage({ type: "watch", watched: labelled(id) });
const letGo = (id: string) => writeMessage({ type: "let-go", id });
const ids = (list: WatchList) => list.left.map(({ labels }) => labels.id);

test("what is watched is left, until it is let go", () => {
  const list = new WatchList();
  expect(list.left).toEqual([]);
  list.hear(watch("a") + watch("b"));
  expect(list.left).toEqual([labelled("a"), labelled("b")]);
  list.hear(letGo("a"));
  expect(ids(list)).toEqual(["b"]);
  list.hear(letGo("b") + letGo("never heard of"));
  expect(list.left).toEqual([]);
});

test("said twice it is one, and what was let go can be watched again", () => {
  const list = new WatchList();
  list.hear(watch("a") + watch("a") + letGo("a") + watch("a"));
  expect(ids(list)).toEqual(["a"]);
});

test("a line that its writer did not live to finish says nothing", () => {
  const list = new WatchList();
  list.hear(watch("a") + letGo("a").slice(0, -1));
  expect(ids(list)).toEqual(["a"]);
});

test("however the text is cut, it says the same", () => {
  const text = watch("ä") + watch("b") + letGo("ä") + watch("c");
  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), (cuts) => {
      const list = new WatchList();
      const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      for (const [index, at] of places.entries()) list.hear(text.slice(places[index - 1] ?? 0, at));
      expect(ids(list)).toEqual(["b", "c"]);
    }),
  );
});

test.each([
  "",
  "null",
  "4711",
  "{}",
  "{",
  '{"type":"let-go"}',
  '{"type":"let-go","id":1}',
  '{"type":"watch"}',
  '{"type":"watch","engine":"unix:///s","labels":null}',
  '{"type":"watch","engine":1,"labels":{}}',
  // Labels that are not all there name nothing that may be removed.
  watch("a").replace("real-services.owner", "owner"),
  watch("a").replace('"dedicated"', "1"),
])("what no owner wrote says nothing: %s", (line) => {
  expect(readMessage(line)).toBeUndefined();
});

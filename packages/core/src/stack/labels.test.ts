import { expect, test } from "vitest";
import {
  type EnvironmentLabels,
  LABEL,
  OPTIONAL_LABEL,
  readLabels,
  writeLabels,
} from "./labels.ts";

const labels: EnvironmentLabels = {
  environment: "shop-3f9a1c",
  id: "3f9a1c",
  kind: "dedicated",
  owner: "{}",
  stack: "hash",
  created: "2026-01-01T00:00:00.000Z",
};

test("what is written is read again, with or without a shard", () => {
  expect(readLabels(writeLabels(labels))).toEqual(labels);
  expect(readLabels(writeLabels(labels, "2/4"))).toEqual(labels);
  expect(writeLabels(labels, "2/4")).toHaveProperty([OPTIONAL_LABEL.shard], "2/4");
  expect(writeLabels(labels)).not.toHaveProperty([OPTIONAL_LABEL.shard]);
});

test("foreign labels beside ours do no harm", () => {
  expect(readLabels({ ...writeLabels(labels), "com.example": "x" })).toEqual(labels);
});

test.each(Object.values(LABEL))("without %s, or with it empty, nothing is ours", (name) => {
  const { [name]: _missing, ...others } = writeLabels(labels);
  expect(readLabels(others)).toBeUndefined();
  expect(readLabels({ ...others, [name]: "" })).toBeUndefined();
});

test("no labels at all", () => {
  for (const none of [undefined, null, {}]) expect(readLabels(none)).toBeUndefined();
});

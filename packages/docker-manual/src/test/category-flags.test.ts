import { expect, test } from "vitest";
import { readProjectNames, readTagNames, toFlags, unknownCategory } from "./category-flags.ts";

test.each<[string[], string[], string[]]>([
  [["api"], ["api", "web"], ["--project=api"]],
  [["slow"], ["api"], ["--tagsFilter=slow"]],
  [["slow", "db"], [], ["--tagsFilter=slow || db"]],
  [["api", "slow"], ["api"], ["--project=api", "--tagsFilter=slow"]],
])("%j of the projects %j", (categories, projects, flags) => {
  expect(toFlags(categories, new Set(projects))).toEqual(flags);
});

test.each<[string, string[]]>([
  ['[{"file":"a","projectName":"api"},{"file":"b"},{"file":"c","projectName":"api"}]', ["api"]],
  ['a line before\n[{"file":"a","projectName":"web"}]', ["web"]],
  ["", []],
  ["Error: no", []],
  ["{}", []],
])("names of projects in %j", (output, names) => {
  expect([...readProjectNames(output)]).toEqual(names);
});

test.each<[string, string[]]>([
  ['{"tags":[{"name":"slow"}],"projects":[{"name":"api","tags":[{"name":"db"}]}]}', ["slow", "db"]],
  ['a line before\n{"tags":[{"name":"slow"}]}', ["slow"]],
  ["", []],
])("tags in %j", (output, names) => {
  expect([...readTagNames(output)]).toEqual(names);
});

test.each([
  [["slow"], undefined],
  [["slow", "nosuch"], "nosuch"],
  [["!slow", "db/*", "slow and db"], undefined],
])("of %j unknown: %s", (names, expected) => {
  expect(unknownCategory(names, new Set(["slow"]))).toBe(expected);
});

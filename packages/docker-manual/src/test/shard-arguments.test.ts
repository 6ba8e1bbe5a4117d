import { expect, test } from "vitest";
import { withoutReporting } from "./shard-arguments.ts";

test.each([
  [["--reporter=junit", "--outputFile=x.xml", "api"], ["api"]],
  [["--reporter", "junit", "--outputFile", "x.xml", "api"], ["api"]],
  [["--outputFile.junit", "x.xml", "--output-file.json=y.json"], []],
  [
    ["-c", "other.config.ts", "--reporter", "dot", "--root=web"],
    ["-c", "other.config.ts", "--root=web"],
  ],
  [["--reporter", "--bail=1"], ["--bail=1"]],
  [
    ["-t", "reporter", "--", "--reporter=dot"],
    ["-t", "reporter", "--", "--reporter=dot"],
  ],
])("%j", (given, expected) => {
  expect(withoutReporting(given)).toEqual(expected);
});

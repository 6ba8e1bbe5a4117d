import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ignoreState } from "./gitignore.ts";

test.each([
  [undefined, ".real-services/\n"],
  ["", ".real-services/\n"],
  ["dist\n", "dist\n.real-services/\n"],
  ["dist", "dist\n.real-services/\n"],
  [".real-services/\n", undefined],
  ["/.real-services/\n", undefined],
  ["dist\n.real-services\nlib\n", undefined],
  ["dist\r\n", "dist\r\n.real-services/\r\n"],
])("%j becomes %j", (before, after) => {
  const project = mkdtempSync(join(tmpdir(), "gitignore-"));
  try {
    if (before !== undefined) writeFileSync(join(project, ".gitignore"), before);
    expect(ignoreState(project).content).toBe(after);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});

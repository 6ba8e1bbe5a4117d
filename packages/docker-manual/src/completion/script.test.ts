import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { completionScript, SHELLS } from "./script.ts";

const COMMANDS = [
  { name: "start", description: "Bring it up. It's here.", options: ["--name", "-f"] },
  { name: "status", description: "Show.", options: ["--json"] },
];

/** What bash offers for a line, its last word being completed. */
function offered(...words: readonly string[]): string[] {
  const script = `${completionScript("bash", COMMANDS)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _docker_manual; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line !== "");
}

test("bash completes commands and the options of each", () => {
  expect(offered("docker-manual", "sta")).toEqual(["start", "status"]);
  expect(offered("docker-manual", "start", "--")).toEqual(["--name"]);
  expect(offered("docker-manual", "status", "-")).toEqual(["--json"]);
  expect(offered("docker-manual", "nothing", "-")).toEqual([]);
});

test.each(SHELLS)("%s can read it", (shell) => {
  const script = completionScript(shell, COMMANDS);
  for (const { name } of COMMANDS) expect(script).toContain(name);
  if (!existsSync(`/bin/${shell}`)) return;
  expect(spawnSync(shell, ["-n", "-c", script]).status).toBe(0);
});

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { type CompletedCommand, completionScript, SHELLS } from "./script.ts";

const COMMANDS: readonly CompletedCommand[] = [
  {
    name: "start",
    description: "Bring it up. It's here.",
    options: [
      { name: "--kind", values: ["shared", "production"] },
      { name: "-f", values: [] },
    ],
    values: [],
  },
  { name: "status", description: "Show.", options: [{ name: "--json", values: [] }], values: [] },
  { name: "stop", description: "Stop.", options: [{ name: "--force", values: [] }], values: [] },
  { name: "completion", description: "This.", options: [], values: ["bash", "zsh"] },
];

/** What bash offers for a line, its last word being completed, where the command lists these names. */
function offered(words: readonly string[], names = ""): string[] {
  const script = `${completionScript("bash", COMMANDS)}
docker-manual() { [ "$*" = "list --quiet" ] && printf '${names}'; }
npx() { "$@"; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _docker_manual; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line !== "");
}

test.each([[["docker-manual"]], [["npx", "docker-manual"]]])("bash completes %j", (typed) => {
  expect(offered([...typed, "sta"])).toEqual(["start", "status"]);
  expect(offered([...typed, "start", "--"])).toEqual(["--kind"]);
  expect(offered([...typed, "status", "-"])).toEqual(["--json"]);
  expect(offered([...typed, "nothing", "-"])).toEqual([]);
  expect(offered([...typed, "start", "--kind", ""])).toEqual(["shared", "production"]);
  expect(offered([...typed, "completion", "z"])).toEqual(["zsh"]);
  const names = "shop-3f9a1c\\nother-12ab34\\n";
  expect(offered([...typed, "stop", ""], names)).toEqual(["shop-3f9a1c", "other-12ab34"]);
  expect(offered([...typed, "start", "-e", "sh"], names)).toEqual(["shop-3f9a1c"]);
  expect(offered([...typed, "stop", "-"], names)).toEqual(["--force"]);
  expect(offered([...typed, "stop", ""])).toEqual([]);
});

test("bash leaves npx alone for others", () => {
  expect(offered(["npx", "vitest", "sta"])).toEqual([]);
});

test.each(SHELLS)("%s can read it", (shell) => {
  const script = completionScript(shell, COMMANDS);
  for (const { name } of COMMANDS) expect(script).toContain(name);
  if (!existsSync(`/bin/${shell}`)) return;
  expect(spawnSync(shell, ["-n", "-c", script]).status).toBe(0);
});

/** zsh and fish themselves read what `completion` prints, and complete a line by it. */
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";

const BIN = join(import.meta.dirname, "../bin/docker-manual.js");
const IMAGE = process.env["SHELLS_IMAGE"] ?? "real-services/shells:1";

/** Runs a command in a container where SCRIPT is what `completion` prints for the shell. */
async function inside(shell: string, command: readonly string[], input = ""): Promise<string> {
  const { stdout: SCRIPT } = await execa(process.execPath, [BIN, "completion", shell]);
  const args = ["run", "--rm", "-i", "-e", "SCRIPT", IMAGE, ...command];
  const { stdout } = await execa("docker", args, { input, env: { SCRIPT } });
  return stdout;
}

test("zsh, which has set nothing up before", async () => {
  await inside("zsh", ["sh", "-c", 'exec zsh -n -c "$SCRIPT"']);
  const typed = [
    'eval "$SCRIPT"',
    'docker-manual() { [ "$*" = "list --quiet" ] && echo shop-3f9a1c || echo "ran <$*>"; }',
    "docker-manual rest\t",
    "docker-manual graph --format me\t",
    "docker-manual stop sh\t",
    "exit\n",
  ];
  // At a terminal: only there it completes.
  const terminal = ["script", "-qec", "zsh -f -i", "/dev/null"];
  const shown = await inside("zsh", terminal, typed.join("\n"));
  const ran = [...shown.matchAll(/^ran <(.*)>\r?$/gm)].map(([, words]) => words);
  expect(ran, shown).toEqual(["restart", "graph --format mermaid", "stop shop-3f9a1c"]);
});

test("fish", async () => {
  await inside("fish", ["sh", "-c", 'exec fish -n -c "$SCRIPT"']);
  const lines = [
    "printf %s $SCRIPT | source",
    "function docker-manual; echo shop-3f9a1c; end",
    "complete -C 'docker-manual rest'",
    "complete -C 'docker-manual graph --format me'",
    "complete -C 'docker-manual stop sh'",
  ];
  const offered = (await inside("fish", ["fish", "-c", lines.join("\n")])).split("\n");
  expect(offered.map((line) => line.split("\t")[0])).toEqual(["restart", "mermaid", "shop-3f9a1c"]);
});

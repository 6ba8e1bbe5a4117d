import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { completionCommand } from "./commands/completion.ts";
import { main } from "./main.ts";

/** Resolves to the exit code and what was written. */
async function run(...args: string[]) {
  const written = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    });
    // One process, many command lines: each would leave its listener.
    vi.spyOn(process[stream], "on").mockReturnValue(process[stream]);
  }
  await main(["node", "docker-manual", ...args]);
  return { exitCode: process.exitCode, ...written };
}

let before: typeof process.exitCode;
beforeEach(() => {
  before = process.exitCode;
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = before;
});

test.each([
  [[], ["Usage: docker-manual [options] [command]"]],
  [["strat"], ["unknown command 'strat'", "Did you mean start?", "docker-manual --help"]],
  [
    ["start", "--nme", "a"],
    ["unknown option '--nme'", "Did you mean --name?", "docker-manual start --help"],
  ],
  [
    ["stop", "one", "two"],
    ["too many arguments for 'stop'", "docker-manual stop --help"],
  ],
  [["stop", "one", "-e", "two"], ["two environments are named, 'one' and 'two'"]],
  [["list", "one"], ["too many arguments for 'list'"]],
  [["start", "--lease", "soon"], ["30s, 10m or 1h"]],
  [["start", "--kind", "foo"], ["shared, production"]],
  [["start", "--file"], ["argument missing"]],
  [["start", "--profile", ""], ["'--profile <profile>' argument '' is invalid"]],
])("%j is used wrongly", async (args, says) => {
  const { exitCode, stdout, stderr } = await run(...args);
  expect(exitCode).toBe(2);
  expect(stdout).toBe("");
  for (const words of says) expect(stderr).toContain(words);
});

test.each([[["--help"]], [["start", "--help"]], [["help", "clean"]]])("%j helps", async (args) => {
  const { exitCode, stdout, stderr } = await run(...args);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Usage: docker-manual /);
  expect(stderr).toBe("");
});

test.each([
  ["start", ["1h", "1m"]],
  ["restart", ["1m"]],
  ["recreate", ["1m"]],
  ["clean", ["0s"]],
])("the help of %s tells durations as they are given", async (command, defaults) => {
  const { stdout } = await run(command, "--help");
  const told = [...stdout.matchAll(/<duration>.*?\(default:\s+(\S+)\)/gs)];
  expect(told.map(([, value]) => value)).toEqual(defaults);
});

/** What the help lists as options of a command, each as a person may write it. */
async function optionsOf(command: string): Promise<readonly string[][]> {
  const { stdout } = await run(command, "--help");
  const listed = stdout.slice(stdout.indexOf("Options:"));
  return [...listed.matchAll(/^ {2}(-[\w-]+)(?:, (--[\w-]+))?/gm)].map(([, ...words]) =>
    words.filter((word) => word !== undefined),
  );
}

test("every command takes --json, and the README has all of its options", async () => {
  const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
  const { stdout } = await run("--help");
  const commands = [...stdout.matchAll(/^ {2}([a-z-]+) \[options\]/gm)].map(
    ([, name = ""]) => name,
  );
  expect(commands).toHaveLength(24);
  for (const command of commands) {
    const options = await optionsOf(command);
    expect(options, command).toContainEqual(["--json"]);
    const its = new RegExp(`^\\| (?:\`[^\`]*\`, )*\`${command}\\b`);
    const row = readme.split("\n").find((line) => its.test(line));
    const general = ["--json", "--help", "--environment"];
    const missing = options.filter(
      (words) => !words.some((word) => general.includes(word) || row?.includes(word)),
    );
    expect(missing, command).toEqual([]);
  }
});

test("the version is the package's", async () => {
  const { exitCode, stdout } = await run("--version");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
});

test("completion offers what options and arguments take", async () => {
  const { stdout } = await run("completion", "bash");
  expect(stdout).toContain('"graph --format "*) offers="text mermaid svg"');
  expect(stdout).toContain('"completion completion "*) offers="bash zsh fish"');
  const document = await run("completion", "bash", "--json");
  expect(JSON.parse(document.stdout)).toEqual({ shell: "bash", script: stdout });
});

test("completion has no middle: all is written before anything else can happen", () => {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  completionCommand(() => []).parse(["bash"], { from: "user" });
  expect(write).toHaveBeenCalledOnce();
});

test.each([
  [["strat", "--json"], { message: "unknown command 'strat'", hint: "Did you mean start?" }],
  [
    ["start", "--nme", "--json"],
    { message: "unknown option '--nme'", hint: "Did you mean --name?" },
  ],
  [["stop", "--json", "one", "two"], { message: expect.stringContaining("too many arguments") }],
])("%j is used wrongly, as one document", async (args, error) => {
  const { exitCode, stdout } = await run(...args);
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toEqual({ error: { code: "REAL_SERVICES_INVALID_OPTION", ...error } });
});

test("a reader that goes away is no failure", async () => {
  const script = `import { main } from ${JSON.stringify(join(import.meta.dirname, "main.ts"))};
    await new Promise((resolve) => process.stdin.on("end", resolve).resume());
    await main(["node", "docker-manual", ...process.argv.slice(1)]);`;
  const outcomes = [["--help"], ["strat"]].map(async (args) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, ...args]);
    child.stdout.destroy();
    child.stderr.destroy();
    child.stdin.end();
    await once(child, "exit");
    return child.exitCode;
  });
  expect(await Promise.all(outcomes)).toEqual([0, 2]);
});

import { describe, expect, test } from "vitest";
import { startCommand } from "./command.ts";

const program = process.execPath;
const run = (args: readonly string[], input = "") =>
  startCommand({ program, args, cwd: "/", env: process.env, input });

const HOSTILE = "$(touch /pwned) `touch /pwned`; touch /pwned | 'x' \"y\" & # *\nz";

test("words and variables are data, whatever they look like", async () => {
  const script = "console.log(JSON.stringify([process.argv.slice(1), process.env.VALUE]))";
  const command = { program, args: ["--eval", script, "--", HOSTILE, "-rf", ""], cwd: "/" };
  const { ended } = startCommand({ ...command, env: { VALUE: HOSTILE }, input: "" });
  const { stdout, failed } = await ended;
  expect(failed).toBe(false);
  expect(JSON.parse(stdout)).toEqual([[HOSTILE, "-rf", ""], HOSTILE]);
});

test.skipIf(process.platform === "win32")(
  "it leads a process group of its own: Ctrl-C at our terminal does not reach it, and a kill reaches all of it",
  async () => {
    const script = `
      const child = require("child_process").spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"]);
      child.on("spawn", () => console.log("both are there"));`;
    const { child, ended } = run(["--eval", script]);
    const pid = child.pid ?? Number.NaN;
    await new Promise((resolve) => child.stdout.once("data", resolve));
    // Throws where there is no group of this number.
    process.kill(-pid, "SIGKILL");
    // Its output is closed when the last one that holds it is gone.
    expect(await ended).toMatchObject({ failed: true, stdout: "both are there\n" });
  },
);

describe("whatever it does, its end is told and nothing is thrown", () => {
  test("it is not there", async () => {
    const none = { program: "/no/such/program", args: [], cwd: "/", env: {}, input: "unread" };
    const { failed, error } = await startCommand(none).ended;
    expect(failed).toBe(true);
    expect(error?.code).toBe("ENOENT");
  });

  test("it ends before it has read what it was given", async () => {
    const { ended } = run(["--eval", "process.exit(3)"], "x".repeat(2 ** 20));
    expect((await ended).failed).toBe(true);
  });
});

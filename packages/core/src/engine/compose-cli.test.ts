import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ComposeCall, runCompose } from "./compose-cli.ts";

/** Time for a script to begin and to say who it is, on a busy machine as well. */
const DEADLINE_MS = 1_500;

/** A `docker` that is a script is run as it is, and stands for Compose and all that it starts. */
describe.skipIf(process.platform === "win32")("a Compose", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "compose-cli-"));
    vi.stubEnv("PATH", [folder, process.env["PATH"]].join(delimiter));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  /** It and its helper ignore every signal that can be ignored, and write down who they are. */
  const write = (script: string) =>
    writeFileSync(join(folder, "docker"), `#!/bin/sh\ntrap '' INT TERM HUP\n${script}\n`, {
      mode: 0o755,
    });
  const STUBBORN = `sleep 600 & echo $$ $! > "$COMPOSE_TEST_PIDS"; echo "asked: $*" >&2; wait`;
  const pids = (file = "pids") =>
    readFileSync(join(folder, file), "utf8").trim().split(" ").map(Number);
  /** A process that is killed lets go of its output before it is gone. */
  const becomeGone = (file?: string) =>
    vi.waitFor(() => expect(pids(file).filter(isAlive)).toEqual([]), 5_000);
  const call = (rest: Partial<ComposeCall>): ComposeCall => ({
    args: ["config"],
    cwd: folder,
    env: { COMPOSE_TEST_PIDS: join(folder, "pids") },
    timeoutMs: 30_000,
    ...rest,
  });

  test.each(["unknown flag: --no-build", 'unknown command: "events"'])(
    "that is too old (%s) is told as that, not as what it was asked for",
    async (said) => {
      write(`echo '${said}' >&2; exit 16`);
      await expect(runCompose(call({}))).rejects.toMatchObject({
        code: "REAL_SERVICES_NO_COMPOSE",
        message: `This Compose lacks what is needed of it: ${said}`,
        hint: "Install Compose 2.20.2 or later.",
      });
    },
  );

  test("what a build says of flags is the build's", async () => {
    write("echo 'dockerfile parse error on line 2: unknown flag: exclude' >&2; exit 17");
    expect(await runCompose(call({}))).toMatchObject({ failed: true });
  });

  test("that does not end is gone past its deadline, with all that it has started", async () => {
    write(STUBBORN);
    const calls = [
      ["-f", "compose.yaml", "config", "--format", "json"],
      ["-f", "-", "build", "--", "web"],
      ["-p", "shop", "-f", "-", "create", "--no-build"],
    ].map(async (args, index) => {
      const env = { COMPOSE_TEST_PIDS: join(folder, `pids-${index}`) };
      await expect(runCompose(call({ args, env, timeoutMs: DEADLINE_MS }))).rejects.toMatchObject({
        code: "REAL_SERVICES_TIMEOUT",
        message: `\`docker compose ${args.join(" ")}\` did not end within 1.5 s.`,
        received: `asked: compose ${args.join(" ")}\n`,
      });
      await becomeGone(`pids-${index}`);
    });
    await Promise.all(calls);
  });

  test("a signal that is given ends all of it as well, by its own reason", async () => {
    write(STUBBORN);
    const reason = new Error("No longer needed.");
    const giving = new AbortController();
    const onErrorLine = () => giving.abort(reason);
    await expect(runCompose(call({ signal: giving.signal, onErrorLine }))).rejects.toBe(reason);
    await becomeGone();
  });

  test.runIf(process.platform === "linux")(
    "what has left its group is not ours to end, nor to wait for, though it keeps the output open",
    async () => {
      write(`setsid sleep 600 & echo $! > "$COMPOSE_TEST_PIDS"; wait`);
      const ending = expect(runCompose(call({ timeoutMs: DEADLINE_MS }))).rejects;
      await ending.toMatchObject({ code: "REAL_SERVICES_TIMEOUT" });
      for (const pid of pids()) process.kill(pid, "SIGKILL");
    },
  );
});

/** A zombie has ended: whoever has to take note of it has not done so yet. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = process.platform === "linux" ? readFileSync(`/proc/${pid}/stat`, "utf8") : "";
    return !/\) Z /.test(stat);
  } catch {
    return false;
  }
}

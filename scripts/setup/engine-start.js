import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { run, tryRun } from "./command.js";
import { SetupError } from "./report.js";

const log = "/var/log/docker.log";
const pidFiles = ["/var/run/docker.pid", "/var/run/docker/containerd/containerd.pid"];
const deadlineMs = 60_000;

/** Starts the engine of this machine, as root, and resolves once it answers. */
export async function startEngine() {
  // What systemd itself looks at, see sd_booted(3).
  if (existsSync("/run/systemd/system")) await startWithSystemd();
  else await startDockerd();
}

async function startWithSystemd() {
  try {
    await run(["systemctl", "start", "docker"], { timeoutMs: deadlineMs });
  } catch (error) {
    const journal = await tryRun(["journalctl", "-u", "docker", "-n", "15", "--no-pager"]);
    throw new SetupError(`${error.message}\n${journal ?? ""}`.trimEnd());
  }
  await answers(() => undefined);
}

/**
 * Where PID 1 reaps no children, as in many containers, an engine that has died stays behind as a
 * zombie, and the next one would take it for alive and refuse to start.
 */
function forgetZombie(pidFile) {
  try {
    const pid = readFileSync(pidFile, "utf8").trim();
    const [state] = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "");
    if (state === "Z") rmSync(pidFile);
  } catch (error) {
    // No file, or no such process: the engine itself copes with both.
    if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
  }
}

/** In a session of its own, so that neither Ctrl+C nor the end of the terminal reaches it. */
async function startDockerd() {
  for (const file of pidFiles) forgetZombie(file);
  const from = existsSync(log) ? statSync(log).size : 0;
  const output = openSync(log, "a");
  const dockerd = spawn("dockerd", [], { detached: true, stdio: ["ignore", output, output] });
  dockerd.unref();
  let failure;
  dockerd.once("error", (error) => {
    failure = error.message;
  });
  dockerd.once("exit", (code, signal) => {
    failure = `dockerd ended with ${signal ?? code}`;
  });
  await answers(
    () => {
      if (failure) throw new SetupError(`${failure}; the end of its log, ${log}:\n${tail(from)}`);
    },
    () => `the end of its log, ${log}:\n${tail(from)}`,
  );
}

const tail = (from) =>
  readFileSync(log).subarray(from).toString().trimEnd().split("\n").slice(-15).join("\n");

async function answers(assertAlive, explain = () => "see `journalctl -u docker`") {
  const end = performance.now() + deadlineMs;
  while ((await tryRun(["docker", "version"], { timeoutMs: 5_000 })) === undefined) {
    assertAlive();
    if (performance.now() > end) {
      throw new SetupError(`The engine did not answer within ${deadlineMs / 1000} s; ${explain()}`);
    }
    await sleep(100);
  }
}

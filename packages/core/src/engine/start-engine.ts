import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RealServicesError } from "../errors.ts";
import type { EngineEndpoint } from "./endpoint.ts";

export interface EngineStartPlan {
  /** Such as `dockerd`, for the one line that is shown. */
  readonly how: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The command is the engine itself and goes on running; others only ask for it and end. */
  readonly isEngine: boolean;
}

/** Longest wait for an engine to answer after it was started. */
const START_MS = 60_000;
const OTHER_START_MS = 4_000;

/**
 * How the engine at this endpoint could be started, undefined when it is not ours to start:
 * an address somebody chose by DOCKER_HOST or a context, or no engine installed.
 */
export function planEngineStart(endpoint: EngineEndpoint): EngineStartPlan | undefined {
  if (process.platform === "darwin") {
    if (
      endpoint.url.includes("colima") ||
      (!existsSync("/Applications/Docker.app") && find("colima"))
    ) {
      return { how: "colima start", command: "colima", args: ["start"], isEngine: false };
    }
    if (!existsSync("/Applications/Docker.app")) return undefined;
    return {
      how: "Docker Desktop",
      command: "open",
      args: ["-g", "-a", "Docker"],
      isEngine: false,
    };
  }
  if (endpoint.source !== "default") return undefined;
  if (process.platform === "win32") {
    const program = join(
      process.env["ProgramFiles"] ?? "C:\\Program Files",
      "Docker",
      "Docker",
      "Docker Desktop.exe",
    );
    if (!existsSync(program)) return undefined;
    return { how: "Docker Desktop", command: program, args: [], isEngine: true };
  }
  const isRoot = process.getuid?.() === 0;
  if (existsSync("/run/systemd/system") && find("systemctl") && find("dockerd")) {
    const args = isRoot ? ["start", "docker"] : ["--user", "start", "docker"];
    return { how: `systemctl ${args.join(" ")}`, command: "systemctl", args, isEngine: false };
  }
  if (isRoot && find("dockerd")) {
    return { how: "dockerd", command: "dockerd", args: [], isEngine: true };
  }
  return undefined;
}

/** Runs the plan and waits until the engine answers. Throws REAL_SERVICES_NO_ENGINE with the engine's last words. */
export async function startEngine<T>(
  plan: EngineStartPlan,
  greet: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const log = join(mkdtempSync(join(tmpdir(), "real-services-engine-")), "engine.log");
  const output = openSync(log, "wx", 0o600);
  // Detached and unreferenced: the engine outlives us, as it would after `systemctl start`.
  const child = spawn(plan.command, [...plan.args], {
    detached: true,
    stdio: ["ignore", output, output],
  });
  child.unref();
  let failure: string | undefined;
  let deadline = Date.now() + START_MS;
  const fail = (why: string) => {
    failure = why;
    // Not at once: another process may have started the same engine a moment before, and it will answer.
    deadline = Math.min(deadline, Date.now() + OTHER_START_MS);
  };
  child.once("error", (error) => fail(error.message));
  child.once("exit", (code) => {
    if (plan.isEngine || code !== 0) fail(`${plan.how} ended with code ${code}`);
  });
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await greet();
    } catch (cause) {
      if (Date.now() > deadline) {
        const why = failure ?? `it did not answer within ${START_MS / 1_000} s`;
        const lastLines = readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n");
        throw new RealServicesError(
          "REAL_SERVICES_NO_ENGINE",
          `The engine could not be started: ${why}.${lastLines === "" ? "" : `\n${lastLines}`}`,
          { received: plan.how, hint: `Its whole log: ${log}`, cause },
        );
      }
    }
    await delay(100, undefined, signal === undefined ? {} : { signal });
  }
}

function find(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

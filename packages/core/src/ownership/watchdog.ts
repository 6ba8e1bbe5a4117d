import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineClient } from "../engine/client.ts";
import type { ConnectedEngine } from "../engine/connect.ts";
import type { EnvironmentLabels } from "../stack/labels.ts";
import { isSeenByAll, startHeartbeat } from "./heartbeat.ts";
import { readOwner } from "./owner.ts";
import { removeEnvironment } from "./remove-environment.ts";
import { stateFolder } from "./state-folder.ts";
import { type Watched, type WatchMessage, writeMessage } from "./watch-list.ts";

/** Beside this file, compiled or not. */
const ENTRY = fileURLToPath(
  new URL(`watchdog-process${extname(fileURLToPath(import.meta.url))}`, import.meta.url),
);

/**
 * The shell starts it in the background and ends: nobody's child, it is in no tree of processes that
 * a CI runner takes down from its root. The values are arguments, never a part of the script.
 */
const IN_BACKGROUND = 'exec "$@" <&3 3<&- &';

/**
 * All that an engine is found by, and nothing else: neither the marks by which CI runners know what
 * a job has left (RUNNER_TRACKING_ID, JENKINS_NODE_COOKIE, …) nor options that were meant for the
 * owner (NODE_OPTIONS, NODE_V8_COVERAGE, …).
 */
const PASSED_ON =
  /^(?:PATH|PATHEXT|HOME|USER|USERPROFILE|SYSTEMROOT|TMPDIR|TEMP|TMP|DOCKER_.+|SSH_AUTH_SOCK|REAL_SERVICES_STATE_DIR)$/i;

/**
 * Answers for this process's environments when it dies, however it dies: a process of its own in a
 * session of its own, at the other end of a pipe. It waits in some 45 MB, 9 of them not shared with
 * other Node processes, and loads what it needs to remove anything only then. To start
 * it takes this process 2 to 4 ms, and 30 ms of another core.
 */
class Watchdog {
  readonly #pipe: Socket;

  private constructor(pipe: Socket) {
    this.#pipe = pipe;
  }

  /** Undefined where none can be started. What it does not do, the next sweep does. */
  static start(): Watchdog | undefined {
    const command = [process.execPath, ENTRY, String(process.pid)];
    const isWindows = process.platform === "win32";
    const [file = "", ...args] = isWindows
      ? command
      : ["/bin/sh", "-c", IN_BACKGROUND, "sh", ...command];
    try {
      const child = spawn(file, args, {
        // An output that it inherited would stay open for whoever reads this process's to its end.
        stdio: isWindows ? ["pipe", "ignore", "ignore"] : ["ignore", "ignore", "ignore", "pipe"],
        detached: true,
        windowsHide: true,
        // Elsewhere than the owner: a folder in use cannot be removed or unmounted everywhere.
        cwd: stateFolder("environments"),
        env: Object.fromEntries(
          Object.entries(process.env).filter(([name]) => PASSED_ON.test(name)),
        ),
      });
      child.on("error", () => {});
      child.unref();
      const pipe = child.stdin ?? child.stdio[3];
      if (!(pipe instanceof Socket)) return undefined;
      pipe.on("error", () => {});
      // Nothing is ever said on it; reading is how its end is noticed.
      pipe.resume();
      pipe.unref();
      return new Watchdog(pipe);
    } catch {
      return undefined;
    }
  }

  get isThere(): boolean {
    return this.#pipe.writable;
  }

  tell(message: WatchMessage): void {
    if (this.isThere) this.#pipe.write(writeMessage(message));
  }
}

interface Answered extends Watched {
  /** Ends its heartbeat. */
  readonly stop: () => Promise<void>;
}

const watched = new Map<string, Answered>();

let ours: Watchdog | undefined;

/** Sees to it that this process has one. At the beginning of what takes time anyway. */
export function startWatchdog(): void {
  if (ours?.isThere === true) return;
  ours = Watchdog.start();
  for (const one of watched.values()) ours?.tell({ type: "watch", watched: one });
}

/**
 * From now on, and so before anything of the environment exists. Only what this very process owns.
 * Where others who share the engine cannot see this process, it is also heard of by them.
 */
export function watch(labels: EnvironmentLabels, { client, clockOffsetMs }: ConnectedEngine): void {
  const owner = readOwner(labels.owner);
  if (owner?.kind !== "process" || owner.pid !== process.pid) return;
  const { url, connection } = client.endpoint;
  const stop = isSeenByAll(owner, connection)
    ? async () => {}
    : startHeartbeat(client, labels, clockOffsetMs);
  const one = { labels, engine: url, stop };
  watched.set(labels.id, one);
  ours?.tell({ type: "watch", watched: one });
}

/** It is gone, or belongs to a lease from now on. */
export function letGo(id: string): void {
  void watched.get(id)?.stop();
  if (watched.delete(id)) ours?.tell({ type: "let-go", id });
}

/**
 * Removes an environment, and answers for it no longer. What is left when that throws is still
 * answered for, but nobody says any more that it is in use.
 */
export async function removeWatched(
  client: EngineClient,
  labels: EnvironmentLabels,
): Promise<void> {
  // Before the removal: a beat that is on its way would come after it.
  await watched.get(labels.id)?.stop();
  await removeEnvironment(client, labels);
  letGo(labels.id);
}

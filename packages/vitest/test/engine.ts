import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { listLabelled } from "../../core/test/engine-api.ts";
import { followLines } from "./lines.ts";

const LABEL = "real-services.environment";

/** The environments on the engine whose names begin so, by what they have there. */
export async function findEnvironments(prefix: string): Promise<string[]> {
  const names = (await listLabelled()).map(({ environment }) => environment);
  return [...new Set(names.filter((name) => name.startsWith(prefix)))].sort();
}

/** Of the watchdog, on a machine that is busy with other tests. */
const GONE_MS = 90_000;

/** Waits for whoever cleans up after a run that could not. */
export async function becomesGone(prefix: string): Promise<void> {
  const deadline = Date.now() + GONE_MS;
  while ((await findEnvironments(prefix)).length > 0) {
    if (Date.now() > deadline) throw new Error(`${await findEnvironments(prefix)} is still there.`);
    await delay(50);
  }
}

/** Removes by label what a failed test has left. */
export async function removeEnvironments(prefix: string): Promise<void> {
  for (const name of await findEnvironments(prefix)) {
    const filter = ["--filter", `label=${LABEL}=${name}`];
    const remove = async (list: string[], removal: string[]): Promise<void> => {
      const { stdout } = await execa("docker", [...list, "-q", ...filter]);
      const ids = stdout.split("\n").filter((id) => id !== "");
      if (ids.length > 0) await execa("docker", [...removal, ...ids], { reject: false });
    };
    await remove(["ps", "-a"], ["rm", "-fv"]);
    await remove(["network", "ls"], ["network", "rm"]);
    await remove(["volume", "ls"], ["volume", "rm"]);
  }
}

export interface SilentEngine {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** How often somebody has connected. */
  readonly connections: () => number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A socket where an engine would be, which counts who comes and hangs up. */
export async function listenAsEngine(): Promise<SilentEngine> {
  const folder = mkdtempSync(join(tmpdir(), "silent-engine-"));
  const socket = join(folder, "docker.sock");
  let connections = 0;
  const server = createServer((connection) => {
    connections += 1;
    connection.destroy();
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    host: `unix://${socket}`,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when a container of an environment whose name begins so has been started. */
export async function nextStart(prefix: string): Promise<void> {
  const filter = ["--filter", "event=start", "--filter", `label=${LABEL}`];
  const format = `{{index .Actor.Attributes "${LABEL}"}}`;
  // From the beginning of this second on: the start may be quicker than this process.
  const since = String(Math.floor(Date.now() / 1_000));
  const events = execa("docker", ["events", "--since", since, ...filter, "--format", format], {
    reject: false,
  });
  await followLines(events.stdout)(new RegExp(`^${prefix}`));
  events.kill();
}

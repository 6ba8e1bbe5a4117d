import { setTimeout as delay } from "node:timers/promises";
import { EngineClient } from "../engine/client.ts";
import { parseEndpoint } from "../engine/endpoint.ts";
import { deadOwnerTest } from "./dead-owner.ts";
import { environmentLog } from "./environment-folder.ts";
import { judgeLiveness } from "./liveness.ts";
import { readOwner } from "./owner.ts";
import { readOwnIdentity, readProcess } from "./process-identity.ts";
import { removeUnlessLeased } from "./remove-environment.ts";
import { sweepClaims } from "./sweep-claims.ts";
import type { Watched } from "./watch-list.ts";

/** A process whose pipe is closed is gone itself in a moment. */
const DYING_POLL_MS = 20;
const RETRY_MS = 500;
const ANSWER_MS = 15_000;
/**
 * The engine finishes what a Compose that died in the middle had asked for: what comes after the
 * first removal is removed as well, until nothing has come for so long.
 */
const QUIET_MS = 3_000;

/** Removes what an owner has left, once it is gone. Says in each environment's folder what it did. */
export async function cleanUpAfter(
  pid: number,
  left: readonly Watched[],
  deadlineMs: number,
): Promise<void> {
  await Promise.all(left.map(({ labels }) => ownerIsGone(labels.owner)));
  const signal = AbortSignal.timeout(deadlineMs);
  await Promise.all(left.map((watched) => cleanUp(pid, watched, signal)));
  // Its ports and locks go back as well.
  await sweepClaims(deadOwnerTest());
}

/**
 * The pipe is closed because its owner ended, or is about to have ended. In a process that closes
 * what it does not know the pipe is gone, and the environment is still in use: as long as it lives.
 */
async function ownerIsGone(label: string): Promise<void> {
  const owner = readOwner(label);
  if (owner?.kind !== "process") return;
  const self = await readOwnIdentity();
  for (let pause = DYING_POLL_MS; ; pause = Math.min(pause * 2, 1_000)) {
    const liveness = judgeLiveness(owner, self, await readProcess(owner.pid));
    if (liveness !== "alive") return;
    await delay(pause);
  }
}

async function cleanUp(pid: number, watched: Watched, signal: AbortSignal): Promise<void> {
  const { labels, engine } = watched;
  const log = environmentLog(labels.environment, "watchdog");
  log(`process ${pid} is gone; removing ${labels.environment}`);
  const client = new EngineClient(parseEndpoint(engine, "DOCKER_HOST", process.env));
  let quietSince = Date.now();
  let complaint = "";
  while (Date.now() - quietSince < QUIET_MS && !signal.aborted) {
    try {
      const { clockOffsetMs } = await client.info(ANSWER_MS, signal);
      const removed = await removeUnlessLeased(client, labels, Date.now() + clockOffsetMs, signal);
      if ("leasedUntil" in removed) {
        log(`kept: its lease runs until ${new Date(removed.leasedUntil).toISOString()}`);
        return;
      }
      const { containers, networks, volumes } = removed;
      if (containers + networks + volumes > 0) {
        log(`removed ${containers} containers, ${networks} networks, ${volumes} volumes`);
        quietSince = Date.now();
      }
    } catch (error) {
      // The engine may be down, or busy: nothing is done before it has said so.
      quietSince = Date.now();
      const said = error instanceof Error ? error.message : String(error);
      if (said !== complaint) log(said);
      complaint = said;
    }
    await delay(RETRY_MS);
  }
  log(signal.aborted ? "out of time; the next sweep goes on" : "done");
}

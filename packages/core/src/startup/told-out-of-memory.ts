import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerAccount } from "../engine/engine-shapes.ts";

const SIGKILLED = 137;
const LOOK_MS = 100;
const LOOKS = 10;

/**
 * What `look` tells of a container, or throws at first, with the word on memory settled: the engine
 * hears of an end and of its cause by two ways, and the cause may come later (containerd issue
 * 12372). Waited for, 1 second at most, only where a container with a memory limit was killed.
 */
export async function toldOutOfMemory(
  look: () => Promise<ContainerAccount | undefined>,
): Promise<ContainerAccount | undefined> {
  let account = await look();
  for (let left = LOOKS; left > 0 && account !== undefined && isOpen(account); left--) {
    await sleep(LOOK_MS);
    account = (await look().catch(() => undefined)) ?? account;
  }
  return account;
}

function isOpen({ state, exitCode, oomKilled, memoryBytes }: ContainerAccount): boolean {
  const hasEnded = state === "exited" || state === "dead";
  return hasEnded && exitCode === SIGKILLED && !oomKilled && memoryBytes !== undefined;
}

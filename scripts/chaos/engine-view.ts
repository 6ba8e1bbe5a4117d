import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { listLabelled } from "../../packages/core/test/engine-api.ts";

/** What is on the engine of the environments whose names begin so. */
export async function remainsOf(name: string, host?: string): Promise<string[]> {
  return (await listLabelled(host)).flatMap(({ what, environment }) =>
    environment.startsWith(`${name}-`) ? [`${what} ${environment}`] : [],
  );
}

/** Looks until it holds; false when it did not in time. */
export async function until(holds: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const began = performance.now();
  for (;;) {
    if (await holds()) return true;
    if (performance.now() - began > timeoutMs) return false;
    await delay(25);
  }
}

/** A Compose that a dead owner left goes on for a moment. */
export async function composeHasEnded(name: string): Promise<boolean> {
  const { stdout } = await execa("ps", ["-axwwo", "args="]);
  return !stdout.split("\n").some((line) => line.includes("compose") && line.includes(` ${name}-`));
}

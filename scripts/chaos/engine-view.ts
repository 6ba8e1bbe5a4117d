import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";

/** What is on the engine of the environments whose names begin so. */
export async function remainsOf(name: string, host?: string): Promise<string[]> {
  const label = "real-services.environment";
  const env = host === undefined ? {} : { DOCKER_HOST: host };
  const list = async (what: string, ...args: string[]) => {
    const format = `${what} {{.Label "${label}"}}`;
    const all = [...args, "--filter", `label=${label}`, "--format", format];
    return (await execa("docker", all, { env })).stdout.split("\n");
  };
  const lists = await Promise.all([
    list("container", "ps", "-a"),
    list("network", "network", "ls"),
    list("volume", "volume", "ls"),
  ]);
  return lists.flat().filter((line) => line.includes(` ${name}-`));
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
  const { stdout } = await execa("ps", ["-axo", "args="]);
  return !stdout.split("\n").some((line) => line.includes("compose") && line.includes(` ${name}-`));
}

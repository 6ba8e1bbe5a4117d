import type { ConnectedEngine } from "../engine/connect.ts";
import { findReachableHost } from "../engine/reachable-host.ts";
import type { ResolvedStack } from "../engine/resolve-stack.ts";
import type { LifecycleListener } from "../events.ts";
import type { Inventory } from "../ownership/inventory.ts";
import { judgeEnvironments } from "../ownership/sweep.ts";
import type { Settings } from "../settings.ts";
import { LABEL } from "../stack/labels.ts";
import { completable } from "../startup/completable.ts";
import { AdoptedEnvironment, type Adoption } from "./adopted-environment.ts";
import { leftForOthers, whyNotWhole } from "./choose-adoptable.ts";

/**
 * Finds an environment of the same stack that was left on the engine for others, and keeps it alive.
 * Of one that is not whole it says why it is not used.
 */
export async function adoptEnvironment(
  engine: ConnectedEngine,
  stack: ResolvedStack,
  settings: Settings,
  emit: LifecycleListener,
): Promise<AdoptedEnvironment | undefined> {
  const { client, clockOffsetMs } = engine;
  const { signal } = settings;
  // Nearly always nothing: one cheap question, and the start goes on.
  const containers = await client.listContainers([`${LABEL.stack}=${stack.hash}`], signal);
  if (containers.length === 0) return undefined;
  const judged = await judgeEnvironments({
    engine: client,
    clockOffsetMs,
    olderThanMs: 0,
    dryRun: true,
    signal,
  });
  const done = completable(stack.model);
  const needed = Object.keys(stack.model.services).map((service) => {
    return { service, mayComplete: done.has(service) };
  });
  for (const { inventory } of leftForOthers(judged, stack.hash)) {
    const why = whyNotWhole(inventory, needed, await readExitCodes(engine, inventory, signal));
    if (why === undefined) return adopt({ engine, inventory, stack, settings, emit });
    const { environment } = inventory.labels;
    const message = `not adopted, since ${why}; see \`npx docker-manual status ${environment}\``;
    emit({ type: "warning", environment, message });
  }
  return undefined;
}

/** By container, of those that have ended. */
async function readExitCodes(
  { client }: ConnectedEngine,
  { containers }: Inventory,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, number>> {
  const ended = containers.filter(({ state }) => state === "exited");
  const details = await Promise.all(ended.map(({ id }) => client.inspectContainer(id, signal)));
  return new Map(details.map(({ id, exitCode }) => [id, exitCode]));
}

async function adopt(found: Omit<Adoption, "host">): Promise<AdoptedEnvironment> {
  const { engine, settings, emit } = found;
  const host = await findReachableHost(engine.client, settings, settings.signal);
  const environment = new AdoptedEnvironment({ ...found, host });
  const until = await environment.keepAlive();
  emit({ type: "environment:adopted", environment: environment.name, until });
  return environment;
}

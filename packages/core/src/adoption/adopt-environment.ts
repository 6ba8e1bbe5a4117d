import type { ConnectedEngine } from "../engine/connect.ts";
import { findReachableHost } from "../engine/reachable-host.ts";
import type { ResolvedStack } from "../engine/resolve-stack.ts";
import type { LifecycleListener } from "../events.ts";
import { judgeEnvironments } from "../ownership/sweep.ts";
import type { Settings } from "../settings.ts";
import { LABEL } from "../stack/labels.ts";
import { startNodes, staysUp } from "../startup/start-nodes.ts";
import { AdoptedEnvironment } from "./adopted-environment.ts";
import { chooseAdoptable } from "./choose-adoptable.ts";

/** Finds an environment of the same stack that was left on the engine for others, and keeps it alive. */
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
  const services = startNodes(stack.model).map(({ service, mustComplete }) => ({
    service,
    mayComplete: mustComplete || !staysUp(stack.model.services[service]),
  }));
  const found = chooseAdoptable(judged, { stackHash: stack.hash, services });
  if (found === undefined) return undefined;
  const { inventory } = found;
  const ended = inventory.containers.filter(({ state }) => state === "exited");
  const details = await Promise.all(ended.map(({ id }) => client.inspectContainer(id, signal)));
  if (details.some(({ exitCode }) => exitCode !== 0)) return undefined;
  const host = await findReachableHost(client, settings, signal);
  const environment = new AdoptedEnvironment({ engine, inventory, stack, settings, host, emit });
  const until = await environment.keepAlive();
  emit({ type: "environment:adopted", environment: environment.name, until });
  return environment;
}

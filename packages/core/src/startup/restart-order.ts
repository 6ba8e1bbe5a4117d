import type { LifecycleListener } from "../events.ts";
import type { StartNode } from "./planner.ts";

/**
 * What is restarted when these services are, in Compose's meaning of `restart: true`: they, and
 * whoever depends on one of them that way, as far as that reaches. Only those dependencies order it.
 */
export function restartOrder<T extends StartNode>(
  nodes: readonly T[],
  services: readonly string[],
): T[] {
  const names = new Set(services);
  // A set is iterated over what is added on the way, too.
  for (const name of names) {
    for (const { service, dependsOn } of nodes) {
      if (dependsOn.some((one) => one.restart && one.service === name)) names.add(service);
    }
  }
  return nodes
    .filter(({ service }) => names.has(service))
    .map((node) => ({
      ...node,
      dependsOn: node.dependsOn.filter(({ service, restart }) => restart && names.has(service)),
    }));
}

/** Says which services are restarted that nobody named, and after which ones. */
export function tellFollowers(
  environment: string,
  nodes: readonly StartNode[],
  named: readonly string[],
  emit: LifecycleListener,
): void {
  for (const { service, dependsOn } of nodes) {
    const after = dependsOn.map((dependency) => dependency.service);
    if (!named.includes(service)) emit({ type: "service:follows", environment, service, after });
  }
}

import type { EngineClient } from "../engine/client.ts";
import type { LifecycleListener } from "../events.ts";
import type { Inventory } from "../ownership/inventory.ts";
import { readDependencies } from "../stack/without-order.ts";
import { stopGracefully } from "../startup/stop-gracefully.ts";
import { readAccounts } from "./service-account.ts";

/** Stops the services of an environment that some process began, each with its own grace, dependants first. */
export async function stopServices(
  engine: EngineClient,
  inventory: Inventory,
  emit: LifecycleListener,
): Promise<void> {
  const accounts = await readAccounts(engine, inventory);
  const graceSecondsOf = (service: string) =>
    Math.max(0, ...(accounts.get(service) ?? []).map(({ graceSeconds }) => graceSeconds));
  await stopGracefully({
    engine,
    nodes: [...accounts].map(([service, [first]]) => ({
      service,
      dependsOn: readDependencies(first?.labels ?? {}),
    })),
    containersOf: (service) => (accounts.get(service) ?? []).map(({ id }) => id),
    graceSecondsOf,
    onForceKilled: (service) => {
      const graceMs = graceSecondsOf(service) * 1_000;
      const { environment } = inventory.labels;
      emit({ type: "service:force-killed", environment, service, graceMs });
    },
  });
}

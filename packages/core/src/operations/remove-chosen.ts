import type { EngineClient } from "../engine/client.ts";
import type { SweepDecision } from "../environment.ts";
import { countInventory } from "../ownership/inventory.ts";
import { removeEnvironment } from "../ownership/remove-environment.ts";
import type { JudgedEnvironment } from "../ownership/sweep.ts";

/** Removes environments that a person has chosen, whoever owns them, all at the same time. */
export function removeChosen(
  engine: EngineClient,
  chosen: readonly JudgedEnvironment[],
  dryRun: boolean,
): Promise<SweepDecision[]> {
  return Promise.all(
    chosen.map(async ({ inventory, owner, decision }) => {
      const { labels } = inventory;
      const why = decision.orphan
        ? decision.reason
        : `asked for; ${owner.kind === "lease" ? "it had a" : "its owner was"} ${owner.description}`;
      const say = (action: SweepDecision["action"], reason: string): SweepDecision => ({
        ...{ environment: labels.environment, action, reason },
        ...countInventory(inventory),
      });
      if (dryRun) return say("removed", why);
      try {
        await removeEnvironment(engine, labels);
        return say("removed", why);
      } catch (error) {
        return say("failed", error instanceof Error ? error.message : String(error));
      }
    }),
  );
}

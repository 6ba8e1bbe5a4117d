import type { EngineClient } from "../engine/client.ts";
import type { SweepDecision } from "../environment.ts";
import { isYounger } from "../ownership/decision.ts";
import { countInventory } from "../ownership/inventory.ts";
import { removeEnvironment } from "../ownership/remove-environment.ts";
import type { JudgedEnvironment } from "../ownership/sweep.ts";

export interface Removal {
  readonly dryRun: boolean;
  /** Only what is at least this old. */
  readonly olderThanMs: number;
  /** By the engine's clock. */
  readonly now: number;
}

/** Removes environments that a person has chosen, whoever owns them, all at the same time. */
export function removeChosen(
  engine: EngineClient,
  chosen: readonly JudgedEnvironment[],
  { dryRun, olderThanMs, now }: Removal,
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
      const createdAt = Date.parse(labels.created);
      if (isYounger({ createdAt, now, olderThanMs })) {
        return say("kept", "it is younger than asked for");
      }
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

import type { EngineClient } from "../engine/client.ts";
import type { SweepDecision } from "../environment.ts";
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
      const { labels, containers, networks, volumes } = inventory;
      const why = decision.orphan
        ? decision.reason
        : `asked for; its owner was ${owner.description}`;
      const counts = {
        containers: containers.length,
        networks: networks.length,
        volumes: volumes.length,
      };
      const say = (action: SweepDecision["action"], reason: string): SweepDecision => ({
        ...{ environment: labels.environment, action, reason },
        ...counts,
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

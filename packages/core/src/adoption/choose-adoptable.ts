import type { Inventory } from "../ownership/inventory.ts";
import { readOwner } from "../ownership/owner.ts";
import type { JudgedEnvironment } from "../ownership/sweep.ts";
import { OPTIONAL_LABEL } from "../stack/labels.ts";

/** A service that an environment has to have: running, unless its work may be done. */
export interface NeededService {
  readonly service: string;
  readonly mayComplete: boolean;
}

/**
 * The environments that somebody left on a lease for others: the same stack, the lease not over; the
 * youngest first. What a failed run was told to keep is not for others: a process began it.
 */
export function leftForOthers(
  judged: readonly JudgedEnvironment[],
  stackHash: string,
): readonly JudgedEnvironment[] {
  return judged
    .filter(({ inventory: { labels }, decision }) => {
      const isLeased = readOwner(labels.owner)?.kind === "lease";
      const isForOthers = isLeased && labels.kind !== "dedicated" && !decision.orphan;
      return isForOthers && labels.stack === stackHash;
    })
    .toSorted(
      (a, b) => Date.parse(b.inventory.labels.created) - Date.parse(a.inventory.labels.created),
    );
}

/** Why an environment cannot serve, in a few words; undefined for one that is whole and running. */
export function whyNotWhole(
  { containers }: Pick<Inventory, "containers">,
  needed: readonly NeededService[],
  exitCodes: ReadonlyMap<string, number>,
): string | undefined {
  for (const { service, mayComplete } of needed) {
    const own = containers.filter(
      (container) => container.labels[OPTIONAL_LABEL.service] === service,
    );
    if (own.length === 0) return `“${service}” has no container`;
    for (const { id, state } of own) {
      const exitCode = state === "exited" ? exitCodes.get(id) : undefined;
      const isDone = mayComplete && exitCode === 0;
      if (state === "running" || isDone) continue;
      if (exitCode === undefined) return `“${service}” is ${state}`;
      return `“${service}” has ended with exit code ${exitCode}`;
    }
  }
  return undefined;
}

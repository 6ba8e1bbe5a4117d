import type { Inventory } from "../ownership/inventory.ts";
import { readOwner } from "../ownership/owner.ts";
import type { JudgedEnvironment } from "../ownership/sweep.ts";
import { OPTIONAL_LABEL } from "../stack/labels.ts";

/** What an environment has to be to serve somebody who did not begin it. */
export interface AdoptionWish {
  readonly stackHash: string;
  /** Every one of them has to be there, and to run unless its work may be done. */
  readonly services: readonly { readonly service: string; readonly mayComplete: boolean }[];
}

/**
 * The youngest environment that somebody left on a lease for others: the same stack, whole and
 * running, its lease not over. What a failed run was told to keep is not for others: a process began it.
 */
export function chooseAdoptable(
  judged: readonly JudgedEnvironment[],
  wish: AdoptionWish,
): JudgedEnvironment | undefined {
  return judged
    .filter(({ inventory, decision }) => !decision.orphan && isFor(inventory, wish))
    .toSorted(
      (a, b) => Date.parse(b.inventory.labels.created) - Date.parse(a.inventory.labels.created),
    )[0];
}

function isFor({ labels, containers }: Inventory, { stackHash, services }: AdoptionWish): boolean {
  const isServed = ({ service, mayComplete }: AdoptionWish["services"][number]) => {
    const own = containers.filter(
      (container) => container.labels[OPTIONAL_LABEL.service] === service,
    );
    const serves = (state: string) => state === "running" || (state === "exited" && mayComplete);
    return own.length > 0 && own.every(({ state }) => serves(state));
  };
  return (
    labels.stack === stackHash &&
    labels.kind !== "dedicated" &&
    readOwner(labels.owner)?.kind === "lease" &&
    services.every(isServed)
  );
}

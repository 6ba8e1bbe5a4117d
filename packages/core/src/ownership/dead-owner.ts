import { judgeLiveness } from "./liveness.ts";
import { readOwner } from "./owner.ts";
import { readOwnIdentity, readProcess } from "./process-identity.ts";

export type DeadOwnerTest = (owner: string) => Promise<boolean>;

/** Tells whether the owner written in a claim is provably dead; asks once for each owner. */
export function deadOwnerTest(): DeadOwnerTest {
  const verdicts = new Map<string, Promise<boolean>>();
  return (label) => {
    const known = verdicts.get(label);
    if (known !== undefined) return known;
    const verdict = (async () => {
      const owner = readOwner(label);
      if (owner?.kind !== "process") return false;
      const self = await readOwnIdentity();
      return judgeLiveness(owner, self, await readProcess(owner.pid)) === "dead";
    })();
    verdicts.set(label, verdict);
    return verdict;
  };
}

/**
 * Claims as OWNER, whoever of DEAD holds it, what each line of its input names: `claim-worker.ts
 * OWNER DEAD`; a line is a moment and a path. Prints `ready`, then `true` or `false` a line.
 */
import { createInterface } from "node:readline";
import { claim } from "../src/ownership/claim.ts";

const [owner = "", dead = ""] = process.argv.slice(2);
console.log("ready");
for await (const line of createInterface(process.stdin)) {
  const [at, path = ""] = line.split(" ");
  // Not a timer: they all have to be there in the same millisecond.
  while (Date.now() < Number(at));
  const claimed = await claim(path, owner, async (holder) => holder.startsWith(dead));
  console.log(claimed !== undefined);
}

/** Claims PATH as OWNER at the moment AT, whoever of DEAD holds it: prints `true` or `false`. */
import { claim } from "../src/ownership/claim.ts";

const [path = "", owner = "", dead = "", at = ""] = process.argv.slice(2);
// Not a timer: they all have to be there in the same millisecond.
while (Date.now() < Number(at));
const claimed = await claim(path, owner, async (holder) => holder.startsWith(dead));
process.stdout.write(String(claimed !== undefined));

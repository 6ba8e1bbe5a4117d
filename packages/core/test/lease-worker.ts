/** Leases ports and holds them until it is killed: `lease-worker.ts COUNT FROM TO`. */
import { leasePorts } from "../src/ports/port-leases.ts";

const [count = 0, from = 0, to = 0] = process.argv.slice(2).map(Number);
try {
  const { blocks } = await leasePorts({
    counts: Array.from({ length: count }, () => 1),
    address: "127.0.0.1",
    // The ports are not bound: whoever else of this machine listens on one is not in the way.
    canProbe: false,
    avoid: new Set(),
    ranges: [{ from, to }],
  });
  process.stdout.write(`${JSON.stringify(blocks.flat())}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify(String(error))}\n`);
}
process.stdin.resume();

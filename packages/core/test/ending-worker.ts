/**
 * Acquires the stack of a folder, prints its name and what goes on, then ends: `ending-worker.ts
 * OPTIONS WAY`. Whatever the way, it is no clean one.
 */
import { execFileSync } from "node:child_process";
import { EnvironmentManager } from "@real-services/core";

const SECOND_NAME = "release under a second name";
const [options = "{}", way = "hold"] = process.argv.slice(2);
const manager = new EnvironmentManager(JSON.parse(options));
/** Somebody else's network, of the very name that ours was to have. */
let foreign: string | undefined;
manager.subscribe((event) => {
  if (event.type === "services:planned") console.log(`planned ${event.environment}`);
  if (event.type === "services:planned" && way === SECOND_NAME && foreign === undefined) {
    foreign = `${event.environment}_default`;
    // In step, before anything of it exists.
    execFileSync("docker", ["network", "create", foreign]);
  }
  if (event.type === "memory:waiting") console.log("waiting");
  // A sweep tells of every environment, its own among them.
  if (event.type === "sweep") console.log(`swept ${event.decision.environment}`);
});
const { name } = await manager.acquireEnvironment();
const wait = manager.waitForServices();
// Some ends come before it is ready, and then it never is.
wait.catch(() => {});
if (way === "while starting") process.exit(1);
await wait;
console.log(`ready ${name}`);

switch (way) {
  case "process.exit":
    process.exit(0);
    break;
  case "uncaught exception":
    throw new Error("Uncaught, as it should be.");
  case "second watchdog": {
    // Told by the test that the first is gone; acquiring again brings another one.
    process.stdin.once("data", async () => {
      await manager.acquireEnvironment();
      await manager.waitForServices();
      console.log("ready again");
    });
    break;
  }
  case "lease":
    await manager.leaseEnvironment(name);
    console.log("leased");
    break;
  case "release":
  case SECOND_NAME:
    await manager.releaseEnvironment(name);
    if (foreign !== undefined) execFileSync("docker", ["network", "rm", foreign]);
    console.log("released");
    break;
}
if (!way.startsWith("release")) setInterval(() => {}, 60_000);

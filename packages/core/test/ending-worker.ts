/**
 * Acquires the stack of a folder, prints its name and what goes on, then ends: `ending-worker.ts
 * OPTIONS WAY`. Whatever the way, it is no clean one.
 */
import { EnvironmentManager } from "@real-services/core";

const [options = "{}", way = "hold"] = process.argv.slice(2);
const manager = new EnvironmentManager(JSON.parse(options));
manager.subscribe((event) => {
  if (event.type === "services:planned") console.log(`planned ${event.environment}`);
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
    await manager.releaseEnvironment(name);
    console.log("released");
    break;
}
if (way !== "release") setInterval(() => {}, 60_000);

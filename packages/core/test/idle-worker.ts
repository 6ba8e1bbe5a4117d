import { EnvironmentManager } from "@real-services/core";

/** Acquires the stack of its folder and has nothing more to do. */
const [name = ""] = process.argv.slice(2);
const manager = new EnvironmentManager({ name });
await manager.acquireEnvironment();
await manager.waitForServices();
console.log("ready");

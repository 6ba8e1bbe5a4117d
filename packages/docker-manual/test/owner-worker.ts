/** Acquires an environment, `owner-worker.ts OPTIONS` as JSON, prints its name and holds it until it is killed. */
import { EnvironmentManager } from "@real-services/core";

const manager = new EnvironmentManager(JSON.parse(process.argv[2] ?? "{}"));
const { name } = await manager.acquireEnvironment();
await manager.waitForServices();
process.stdout.write(`${name}\n`);
setInterval(() => {}, 60_000);

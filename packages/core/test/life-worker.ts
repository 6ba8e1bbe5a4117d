/** Acquires the stack of a folder, waits, releases; prints each event as a line of JSON. */
import { EnvironmentManager } from "../src/manager.ts";

const manager = new EnvironmentManager({ cwd: process.argv[2] ?? "." });
manager.subscribe((event) => console.log(JSON.stringify(event)));
const environment = await manager.acquireEnvironment();
try {
  await manager.waitForServices();
} finally {
  await manager.releaseEnvironment(environment.name);
}

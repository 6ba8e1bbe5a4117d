/** Acquires the stack of a folder, waits, releases; prints each event as a line of JSON: `life-worker.ts FOLDER [OPTIONS]`. */

import { EnvironmentManager, type EnvironmentOptions } from "@real-services/core";

const [folder = ".", json = "{}"] = process.argv.slice(2);
const options: EnvironmentOptions = JSON.parse(json);
const manager = new EnvironmentManager({ cwd: folder, ...options });
manager.subscribe((event) => console.log(JSON.stringify(event)));
const environment = await manager.acquireEnvironment();
try {
  await manager.waitForServices();
} finally {
  await manager.releaseEnvironment(environment.name);
}

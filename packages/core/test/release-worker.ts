/** Releases an environment, whoever owns it, when it is told to: `release-worker.ts NAME`. Prints how that ended. */
import { EnvironmentManager, RealServicesError } from "@real-services/core";

const [name = ""] = process.argv.slice(2);
const manager = new EnvironmentManager();
await manager.listEnvironments();
process.stdin.once("data", async () => {
  const outcome = await manager.releaseEnvironment(name, { force: true }).then(
    () => "released",
    (error: unknown) => (error instanceof RealServicesError ? error.code : String(error)),
  );
  console.log(outcome);
  process.exit();
});
console.log("ready");

/**
 * One run, from acquire over tests to release: `run-worker.ts OPTIONS POLITE`. Prints each point of
 * its life; told `exit` on its standard input it ends on the spot.
 */

import { EnvironmentManager, type EnvironmentOptions } from "@real-services/core";

const [json = "{}", polite] = process.argv.slice(2);
const interrupted = new AbortController();
const options: EnvironmentOptions = { ...JSON.parse(json), signal: interrupted.signal };
const manager = new EnvironmentManager(options);
let name: string | undefined;

process.stdin.on("data", (word) => {
  if (String(word).includes("exit")) process.exit(7);
  if (String(word).includes("test")) void report();
});
if (polite === "true") {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.once(signal, async () => {
      interrupted.abort(new Error(signal));
      if (name !== undefined) await manager.releaseEnvironment(name).catch(() => {});
      process.exit(1);
    });
  }
}

manager.subscribe((event) => {
  if (event.type === "services:planned") say("planned", event.environment);
  if (event.type === "image:building") say("build");
  if (event.type === "service:started") say("start");
});
try {
  say("resolve");
  const environment = await manager.acquireEnvironment();
  name = environment.name;
  say("created", environment.id);
  await manager.waitForServices();
  say("ready");
  await report();
  // A victim never gets further than it is meant to, a survivor goes on until it is told.
  if (process.argv[4] === "release") {
    say("release");
    await manager.releaseEnvironment(environment.name);
    say("released");
  }
} catch (error) {
  say("failed", error instanceof Error ? error.message : String(error));
  if (!interrupted.signal.aborted) process.exit(1);
}

/** The tests: each of its services answers, and is its own. */
async function report(): Promise<void> {
  const health = await manager.getHealthReport();
  say("tests", health.system);
}

function say(...words: readonly string[]): void {
  console.log(words.join(" "));
}

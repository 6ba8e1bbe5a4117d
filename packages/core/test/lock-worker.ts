/** Holds a lock until it is killed: `lock-worker.ts NAME`. */
import { withHostLock } from "../src/ownership/host-lock.ts";

const options = { onWait: () => {}, signal: new AbortController().signal };
await withHostLock(process.argv[2] ?? "", options, async () => {
  console.log("held");
  await new Promise(() => setInterval(() => {}, 60_000));
});

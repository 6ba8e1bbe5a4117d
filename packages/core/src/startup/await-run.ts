import { RealServicesError } from "../errors.ts";
import type { StartRun } from "./start-run.ts";

/** Resolves when all is ready. Throws the start's own failure, or REAL_SERVICES_TIMEOUT with what is pending. */
export async function awaitRun(
  run: StartRun,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<"timeout" | "ready">();
  const timer = setTimeout(() => resolve("timeout"), timeoutMs);
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    run.done.then(() => resolve("ready"), reject);
    if ((await promise) === "ready") return;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
  const pending = run.pending();
  const postMortems = await run.explainPending();
  throw new RealServicesError(
    "REAL_SERVICES_TIMEOUT",
    `Not ready after ${timeoutMs / 1_000} s: ${pending.map((name) => `“${name}”`).join(", ")}.`,
    {
      received: timeoutMs,
      postMortems: postMortems.filter(
        ({ reason, container }) => reason !== "timeout" || container !== "",
      ),
      hint: "Raise the timeout if it only needs longer; otherwise its last lines say why.",
    },
  );
}

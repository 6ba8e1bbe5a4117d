import { lateError } from "./start-error.ts";
import type { StartRun } from "./start-run.ts";

/**
 * Resolves when all is ready. Throws the start's own failure, or with what is pending
 * REAL_SERVICES_TIMEOUT; REAL_SERVICES_ENGINE_FAILED when the engine has stopped answering.
 */
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
  throw lateError(timeoutMs, pending, await run.explainPending());
}

import { RealServicesError } from "../errors.ts";

export interface Deadline {
  /** What the engine is asked to do, for the error. */
  readonly what: string;
  /** Where the engine is, for the error. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

export const WEDGED_HINT = "See whether `docker ps` answers; a wedged engine needs a restart.";

/** Ended by the signal, with its reason; past the deadline throws REAL_SERVICES_ENGINE_FAILED. */
export async function withDeadline<T>(
  { what, url, timeoutMs, signal }: Deadline,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await act(signal === undefined ? deadline : AbortSignal.any([signal, deadline]));
  } catch (error) {
    signal?.throwIfAborted();
    if (!deadline.aborted) throw error;
    throw new RealServicesError(
      "REAL_SERVICES_ENGINE_FAILED",
      `The engine at ${url} did not answer “${what}” within ${timeoutMs / 1_000} s.`,
      {
        cause: error,
        hint: WEDGED_HINT,
      },
    );
  }
}

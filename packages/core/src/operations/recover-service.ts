import { RealServicesError } from "../errors.ts";

/** In the order of what they cost. */
export const RECOVERY_STEPS = [
  "restart service",
  "recreate container",
  "reset network",
  "clean resources",
] as const;
export type RecoveryStep = (typeof RECOVERY_STEPS)[number];

export interface RecoveryReport {
  readonly service: string;
  /** The step after which it was ready. */
  readonly helped: RecoveryStep;
  /** The steps before it, and why each did not help. */
  readonly failed: readonly { readonly step: RecoveryStep; readonly reason: string }[];
}

/**
 * Tries one step after the other until the service is ready. Throws the last step's error, with
 * what the others had come to in its hint, when none helped; what ends by the signal ends at once.
 */
export async function recoverService(
  service: string,
  take: (step: RecoveryStep) => Promise<unknown>,
  signal: AbortSignal,
): Promise<RecoveryReport> {
  const failed: { step: RecoveryStep; reason: string }[] = [];
  let last: unknown;
  for (const step of RECOVERY_STEPS) {
    try {
      await take(step);
      return { service, helped: step, failed };
    } catch (error) {
      signal.throwIfAborted();
      last = error;
      failed.push({ step, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  const tried = failed.map(({ step, reason }) => `${step}: ${reason}`).join("\n");
  throw new RealServicesError(
    last instanceof RealServicesError ? last.code : "REAL_SERVICES_ENGINE_FAILED",
    `Nothing helped “${service}”.`,
    {
      cause: last,
      hint: `Tried:\n${tried}`,
      postMortems: last instanceof RealServicesError ? last.postMortems : [],
    },
  );
}

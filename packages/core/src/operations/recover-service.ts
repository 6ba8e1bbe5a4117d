import { RealServicesError } from "../errors.ts";
import { PortConflict } from "../startup/port-conflict.ts";

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
 * Tries one step after the other until the service is ready, except those that cannot help. Throws
 * the last step's error, with what the others had come to in its hint, when none helped; what ends
 * by the signal ends at once.
 */
export async function recoverService(
  service: string,
  take: (step: RecoveryStep) => Promise<unknown>,
  signal: AbortSignal,
): Promise<RecoveryReport> {
  const failed: { step: RecoveryStep; reason: string }[] = [];
  let last: unknown;
  const futile: RecoveryStep[] = [];
  for (const step of RECOVERY_STEPS) {
    if (!mayHelp(step, last)) {
      futile.push(step);
      continue;
    }
    try {
      await take(step);
      return { service, helped: step, failed };
    } catch (error) {
      signal.throwIfAborted();
      last = error;
      failed.push({ step, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  const hint = [
    // A single one's reason is in the message.
    ...(failed.length === 1
      ? []
      : ["Tried:", ...failed.map((one) => `${one.step}: ${one.reason}`)]),
    ...(futile.length === 0 ? [] : [`Not tried, since it frees no port: ${futile.join(", ")}.`]),
    ...(last instanceof PortConflict ? [last.hint] : []),
  ];
  throw new RealServicesError(
    last instanceof RealServicesError ? last.code : "REAL_SERVICES_ENGINE_FAILED",
    `Nothing helped “${service}”. ${failed.at(-1)?.reason}`,
    {
      received: service,
      cause: last,
      hint: hint.join("\n"),
      postMortems: last instanceof RealServicesError ? last.postMortems : [],
    },
  );
}

/** A port that somebody else holds is freed by none of them, unless a sweep removes who holds it. */
function mayHelp(step: RecoveryStep, failure: unknown): boolean {
  if (!(failure instanceof PortConflict)) return true;
  const { holder } = failure;
  const isOurs = holder?.kind === "container" && holder.environment !== undefined;
  return isOurs && step === "clean resources";
}

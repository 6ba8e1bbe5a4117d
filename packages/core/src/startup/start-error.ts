import { WEDGED_HINT } from "../engine/deadline.ts";
import { diskAdvice } from "../engine/disk-advice.ts";
import { type ErrorDetails, RealServicesError } from "../errors.ts";
import type { Explanation } from "./collect-post-mortem.ts";

/** One error for all services that could not become ready. */
export function startError(explanations: readonly Explanation[]): RealServicesError {
  const postMortems = explanations.map(({ postMortem }) => postMortem);
  // A service that was never started because another one failed has nothing to tell.
  const culprit = postMortems.find(({ reason }) => reason !== "not-started") ?? postMortems[0];
  const isUnhealthy = postMortems.every(({ reason }) => reason === "unhealthy");
  const what = isUnhealthy
    ? "never passed its health check"
    : postMortems.some(({ reason }) => reason === "not-started")
      ? "could not be started"
      : "ended instead of becoming ready";
  const message = `Service ${quoted(postMortems.map(({ service }) => service))} ${what}`;
  const silence = findSilence(explanations);
  if (silence !== undefined) return silentError(message, silence, { postMortems });
  const said = postMortems.map(({ engineError }) => engineError).join("\n");
  return new RealServicesError(
    isUnhealthy ? "REAL_SERVICES_SERVICE_UNHEALTHY" : "REAL_SERVICES_SERVICE_EXITED",
    `${message}.`,
    {
      postMortems,
      received: postMortems.map(({ image }) => image),
      hint:
        diskAdvice(said) ??
        `Mend what its post-mortem tells; \`docker compose up ${culprit?.service}\` shows whether it fails without real-services too.`,
    },
  );
}

/** One error for all services that were not ready when the time was over. */
export function lateError(
  timeoutMs: number,
  pending: readonly string[],
  explanations: readonly Explanation[],
): RealServicesError {
  const message = `Not ready after ${timeoutMs / 1_000} s: ${quoted(pending)}`;
  const postMortems = explanations
    .map(({ postMortem }) => postMortem)
    .filter(({ reason, container }) => reason !== "timeout" || container !== "");
  const silence = findSilence(explanations);
  if (silence !== undefined) return silentError(message, silence, { postMortems });
  return new RealServicesError("REAL_SERVICES_TIMEOUT", `${message}.`, {
    received: timeoutMs,
    postMortems,
    hint: "Raise the timeout if it only needs longer; otherwise its last lines say why.",
  });
}

/** Whatever the services look like: nobody can say how they are. */
function silentError(message: string, silence: Error, details: ErrorDetails): RealServicesError {
  return new RealServicesError("REAL_SERVICES_ENGINE_FAILED", `${message}; ${silence.message}`, {
    ...details,
    received: silence.message,
    cause: silence.cause,
    hint: WEDGED_HINT,
  });
}

function findSilence(explanations: readonly Explanation[]): Error | undefined {
  return explanations.find(({ silence }) => silence !== undefined)?.silence;
}

function quoted(services: readonly string[]): string {
  return services.map((name) => `“${name}”`).join(", ");
}

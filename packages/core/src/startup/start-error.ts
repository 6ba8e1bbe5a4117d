import { RealServicesError } from "../errors.ts";
import type { PostMortem } from "./post-mortem.ts";

/** One error for all services that could not become ready. */
export function startError(postMortems: readonly PostMortem[]): RealServicesError {
  const names = postMortems.map(({ service }) => `“${service}”`).join(", ");
  // A service that was never started because another one failed has nothing to tell.
  const culprit = postMortems.find(({ reason }) => reason !== "not-started") ?? postMortems[0];
  const isUnhealthy = postMortems.every(({ reason }) => reason === "unhealthy");
  const what = isUnhealthy
    ? "never passed its health check"
    : postMortems.some(({ reason }) => reason === "not-started")
      ? "could not be started"
      : "ended instead of becoming ready";
  return new RealServicesError(
    isUnhealthy ? "REAL_SERVICES_SERVICE_UNHEALTHY" : "REAL_SERVICES_SERVICE_EXITED",
    `Service ${names} ${what}.`,
    {
      postMortems,
      received: postMortems.map(({ image }) => image),
      hint: `Mend what its post-mortem tells; \`docker compose up ${culprit?.service}\` shows whether it fails without real-services too.`,
    },
  );
}

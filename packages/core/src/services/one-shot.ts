/** What tells whether a service whose containers have ended with exit code 0 has done its work. */
export interface EndedService {
  /** The conditions on which others wait for it: `service_healthy`, …; empty when nobody does. */
  readonly conditions: readonly string[];
  readonly hasCheck: boolean;
  readonly publishesPorts: boolean;
}

/**
 * Whether an end with exit code 0 is what the service is for: a migration, a seed. One that others
 * need alive, or that is there to be asked, has died politely: Redis ends with 0 when it is told to.
 */
export function isOneShot({ conditions, hasCheck, publishesPorts }: EndedService): boolean {
  if (conditions.includes("service_completed_successfully")) return true;
  // “service_started” says nothing: it is also what the short form of `depends_on` means.
  return !conditions.includes("service_healthy") && !hasCheck && !publishesPorts;
}

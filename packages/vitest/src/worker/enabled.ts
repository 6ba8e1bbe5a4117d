import { parseSwitch, SWITCH_VARIABLE } from "../switch.ts";

/**
 * Whether real services are on for this run, however they were switched on.
 *
 * @example
 * describe.runIf(isRealServicesEnabled())("with a database", () => { … });
 */
export function isRealServicesEnabled(): boolean {
  return parseSwitch(process.env[SWITCH_VARIABLE])?.enabled ?? false;
}

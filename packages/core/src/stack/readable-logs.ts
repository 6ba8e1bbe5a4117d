import type { ComposeService } from "./model.ts";

/** Drivers whose logs the engine gives back by itself, whatever else runs or does not run. */
const READABLE = new Set(["json-file", "local", "journald"]);

export function hasReadableLogs(service: ComposeService): boolean {
  const driver = service.logging?.driver;
  return driver === undefined || driver === "" || READABLE.has(driver);
}

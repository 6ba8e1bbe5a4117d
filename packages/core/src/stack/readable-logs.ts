import { parseBytes } from "./memory.ts";
import type { ComposeService } from "./model.ts";

/** Drivers whose logs the engine gives back by itself, whatever else runs or does not run. */
const READABLE = new Set(["json-file", "local", "journald"]);
/** Whoever removes old lines may do so before they were read, and the engine does not say it. */
const KEPT_SIZE = "1g";
const KEPT_BYTES = 1024 ** 3;

export function hasReadableLogs(service: ComposeService): boolean {
  const driver = service.logging?.driver;
  return driver === undefined || driver === "" || READABLE.has(driver);
}

/** How the copy of a service logs: by a driver that can be read, with files that are not replaced while they are. */
export function readableLogging(service: ComposeService): ComposeService["logging"] {
  if (!hasReadableLogs(service)) return { driver: "json-file" };
  const { logging } = service;
  const size = logging?.options?.["max-size"];
  // `local` has a small limit of its own.
  const bytes = size === undefined && logging?.driver === "local" ? 1 : parseBytes(size);
  if (bytes === undefined || bytes >= KEPT_BYTES) return logging;
  return { ...logging, options: { ...logging?.options, "max-size": KEPT_SIZE } };
}

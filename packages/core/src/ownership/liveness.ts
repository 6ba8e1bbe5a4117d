import type { ProcessOwner } from "./owner.ts";
import type { ProcessReading } from "./platform/platform.ts";

export type Liveness = "alive" | "dead" | "unknown";

/**
 * Whether the process that owns an environment still runs, from what was read. `dead` only when it
 * is proven; everything that cannot be checked from here is `unknown`.
 * @param mayBeClone that the owner may live on a copy of this machine, which has its id and its name
 * but has booted for itself: then the boot has to be ours before anything else tells
 */
export function judgeLiveness(
  owner: ProcessOwner,
  self: ProcessOwner,
  reading: ProcessReading,
  mayBeClone = false,
): Liveness {
  if (owner.host !== self.host) return "unknown";
  const isSameBoot = owner.boot !== "" && owner.boot === self.boot;
  if (mayBeClone && !isSameBoot) return "unknown";
  if (owner.boot !== "" && self.boot !== "" && owner.boot !== self.boot) return "dead";
  if (owner.pidNamespace !== self.pidNamespace) return "unknown";
  if (reading.state === "gone") return "dead";
  if (reading.state === "unreadable") return "unknown";
  if (owner.startTime === "" || reading.startTime === "") return "alive";
  return owner.startTime === reading.startTime ? "alive" : "dead";
}

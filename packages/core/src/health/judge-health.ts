import type { ContainerAccount, ContainerDetails } from "../engine/engine-shapes.ts";
import type { Health, ServiceStatus } from "../environment.ts";
import { isOneShot } from "../services/one-shot.ts";

/** From best to worst: the worst of a level is the health of the next. */
const ORDER: readonly Health[] = ["HEALTHY", "STARTING", "STOPPED", "UNHEALTHY"];

export function worst(healths: readonly Health[]): Health {
  const ranks = healths.map((health) => ORDER.indexOf(health));
  return ORDER[Math.max(0, ...ranks)] ?? "UNHEALTHY";
}

/** The engine's account of a container as health. */
export function containerHealth(container: ContainerDetails): Health {
  switch (container.state) {
    case "running":
      if (container.health === "unhealthy") return "UNHEALTHY";
      return container.health === "starting" ? "STARTING" : "HEALTHY";
    case "created":
    case "restarting":
      return "STARTING";
    case "exited":
      return container.exitCode === 0 ? "STOPPED" : "UNHEALTHY";
    case "paused":
      return "STOPPED";
    default:
      return "UNHEALTHY";
  }
}

/**
 * Work that was done once: its end says nothing about the others' health. A server may end with exit
 * code 0 as well, so that alone is not enough.
 * @param conditions for which the other services wait for it
 */
export function isDone(
  containers: readonly Pick<ContainerAccount, "state" | "exitCode" | "check" | "publishes">[],
  conditions: readonly string[],
): boolean {
  if (containers.length === 0) return false;
  if (!containers.every(({ state, exitCode }) => state === "exited" && exitCode === 0))
    return false;
  return isOneShot({
    conditions,
    hasCheck: containers.some(({ check }) => check !== undefined),
    publishesPorts: containers.some(({ publishes }) => publishes),
  });
}

/** What an application asks for: is it running, coming, stopped, or broken. */
export function serviceStatus(containers: readonly ContainerDetails[]): ServiceStatus {
  if (containers.length === 0) return "stopped";
  const health = worst(containers.map(containerHealth));
  if (health === "UNHEALTHY") return "error";
  if (health === "STARTING") return "starting";
  return health === "STOPPED" ? "stopped" : "running";
}

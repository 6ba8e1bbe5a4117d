import type { ContainerDetails } from "../engine/engine-shapes.ts";
import type { Health, ServiceStatus } from "../environment.ts";

/** From best to worst: the worst of a level is the health of the next. */
const ORDER: readonly Health[] = ["HEALTHY", "STARTING", "STOPPED", "UNHEALTHY"];

export function worst(healths: readonly Health[]): Health {
  const ranks = healths.map((health) => ORDER.indexOf(health));
  return ORDER[Math.max(0, ...ranks)] ?? "UNHEALTHY";
}

/** The engine's account of a container as health. One that ended with exit code 0 did its work. */
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

/** What an application asks for: is it running, coming, stopped, or broken. */
export function serviceStatus(containers: readonly ContainerDetails[]): ServiceStatus {
  if (containers.length === 0) return "stopped";
  const health = worst(containers.map(containerHealth));
  if (health === "UNHEALTHY") return "error";
  if (health === "STARTING") return "starting";
  return health === "STOPPED" ? "stopped" : "running";
}

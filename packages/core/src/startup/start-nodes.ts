import type { ComposeModel, ComposeService } from "../stack/model.ts";
import type { StartNode } from "./planner.ts";

/** The start graph of an isolated stack. */
export function startNodes(model: ComposeModel): StartNode[] {
  const awaited = new Set(
    Object.values(model.services).flatMap(({ depends_on: dependsOn }) =>
      Object.entries(dependsOn ?? {})
        .filter(([, { condition }]) => condition === "service_completed_successfully")
        .map(([name]) => name),
    ),
  );
  return Object.entries(model.services).map(([service, definition]) => ({
    service,
    dependsOn: [
      ...Object.entries(definition.depends_on ?? {}).map(([name, dependency]) => ({
        service: name,
        condition: dependency.condition,
        required: dependency.required !== false,
        ...(dependency.restart ? { restart: true } : {}),
      })),
      ...joinedServices(definition)
        .filter((name) => definition.depends_on?.[name] === undefined)
        .map((name) => ({
          service: name,
          condition: "service_started" as const,
          required: true,
          // What it has joined is gone then.
          restart: true,
        })),
    ],
    mustComplete: awaited.has(service),
  }));
}

/** Whether a service is to be started again whatever its exit code, as the user wrote it. */
export function staysUp(service: ComposeService | undefined): boolean {
  const policy = service?.deploy?.restart_policy;
  if (policy !== undefined) return (policy.condition ?? "any") === "any";
  return service?.restart === "always" || service?.restart === "unless-stopped";
}

/** A container whose namespaces another one joins has to run first, whether the file says so or not. */
function joinedServices(definition: ComposeService): string[] {
  return ["network_mode", "pid", "ipc"].flatMap((key) => {
    const mode = definition[key];
    const joined = typeof mode === "string" ? /^service:(.+)$/.exec(mode)?.[1] : undefined;
    return joined === undefined ? [] : [joined];
  });
}

import { verdictAfterMs } from "../stack/health-check.ts";
import type { ComposeModel } from "../stack/model.ts";
import type { StartNode } from "./planner.ts";

/** The start graph of an isolated stack. */
export function startNodes(model: ComposeModel): StartNode[] {
  return Object.entries(model.services).map(([service, definition]) => ({
    service,
    dependsOn: Object.entries(definition.depends_on ?? {}).map(([name, dependency]) => ({
      service: name,
      condition: dependency.condition,
      required: dependency.required !== false,
    })),
    hasHealthCheck: verdictAfterMs(definition.healthcheck) !== undefined,
    restarts: definition.restart !== undefined && definition.restart !== "no",
  }));
}

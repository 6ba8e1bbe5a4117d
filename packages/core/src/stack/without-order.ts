import { OPTIONAL_LABEL } from "./labels.ts";
import type { ComposeDependency, ComposeModel, ComposeService } from "./model.ts";

/**
 * The model without the order of its services, which is kept in a label of theirs. Compose creates
 * containers in that order, one after the other along a chain; where it only creates, all can be
 * created at once.
 */
export function withoutOrder(model: ComposeModel): ComposeModel {
  const services = Object.entries(model.services).map(([name, service]) => [
    name,
    withoutDependencies(service),
  ]);
  return { ...model, services: Object.fromEntries(services) };
}

function withoutDependencies(service: ComposeService): ComposeService {
  const { depends_on: dependsOn, ...rest } = service;
  if (dependsOn === undefined) return service;
  const written = Object.entries(dependsOn).map(
    ([name, { condition, restart }]) => `${name}:${condition}${restart ? ":restart" : ""}`,
  );
  return { ...rest, labels: { ...rest.labels, [OPTIONAL_LABEL.dependsOn]: written.join(",") } };
}

/** A dependency as a container's label has it. */
export interface WrittenDependency {
  readonly service: string;
  readonly condition: ComposeDependency["condition"];
  readonly restart: boolean;
}

/** Which services a container waits for, and for what, by its labels. */
export function readDependencies(labels: Readonly<Record<string, string>>): WrittenDependency[] {
  return (labels[OPTIONAL_LABEL.dependsOn] ?? "")
    .split(",")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [service = "", condition = "", restart] = entry.split(":");
      return { service, condition: toCondition(condition), restart: restart === "restart" };
    });
}

function toCondition(text: string): ComposeDependency["condition"] {
  return text === "service_healthy" || text === "service_completed_successfully"
    ? text
    : "service_started";
}

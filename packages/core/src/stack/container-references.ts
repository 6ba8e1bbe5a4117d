import type { ComposeDependency, ComposeService } from "./model.ts";

/** Which service of the stack a `container_name` belongs to. */
export type ContainerNames = ReadonlyMap<string, string>;

export function containerNames(services: Readonly<Record<string, ComposeService>>): ContainerNames {
  return new Map(
    Object.entries(services).flatMap(([name, { container_name: containerName }]) =>
      containerName === undefined ? [] : [[containerName, name]],
    ),
  );
}

/** The service's containers that others of the engine do not see, and what was found to be foreign. */
export interface FollowedReferences {
  readonly service: ComposeService;
  /** Containers outside of the stack: every copy would share them. */
  readonly foreign: readonly string[];
}

const NAMESPACES = ["network_mode", "pid", "ipc"] as const;

/**
 * Lets everything that names a container of this stack name its service instead, since in an
 * isolated copy no container has that name any more.
 */
export function followReferences(
  service: ComposeService,
  names: ContainerNames,
): FollowedReferences {
  const foreign: string[] = [];
  const dependencies: string[] = [];
  const changes: Record<string, unknown> = {};
  const resolveContainer = (container: string): string | undefined => {
    const owner = names.get(container);
    if (owner === undefined) foreign.push(container);
    else dependencies.push(owner);
    return owner;
  };

  for (const key of NAMESPACES) {
    const container = /^container:(.+)$/.exec(asText(service[key]))?.[1];
    const owner = container === undefined ? undefined : resolveContainer(container);
    if (owner !== undefined) changes[key] = `service:${owner}`;
  }
  const volumesFrom = asTexts(service["volumes_from"]);
  if (volumesFrom.length > 0) {
    changes["volumes_from"] = volumesFrom.map((entry) => {
      const match = /^container:([^:]+)(:.*)?$/.exec(entry);
      const owner = match?.[1] === undefined ? undefined : resolveContainer(match[1]);
      return owner === undefined ? entry : `${owner}${match?.[2] ?? ""}`;
    });
  }
  const external = asTexts(service["external_links"]);
  if (external.length > 0) {
    const links = [...asTexts(service["links"])];
    changes["external_links"] = external.filter((entry) => {
      const [container = "", alias = container] = entry.split(":");
      const owner = resolveContainer(container);
      if (owner === undefined) return true;
      links.push(`${owner}:${alias}`);
      return false;
    });
    changes["links"] = links;
  }
  const added = Object.fromEntries(
    dependencies
      .filter((name) => service.depends_on?.[name] === undefined)
      .map((name): [string, ComposeDependency] => [
        name,
        { condition: "service_started", required: true, restart: true },
      ]),
  );
  const dependsOn = { ...service.depends_on, ...added };
  return {
    service: {
      ...service,
      ...changes,
      ...(Object.keys(dependsOn).length === 0 ? {} : { depends_on: dependsOn }),
    },
    foreign,
  };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function asTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

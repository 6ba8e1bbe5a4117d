import { closest, distance } from "fastest-levenshtein";
import { RealServicesError } from "../errors.ts";
import type { ComposeModel } from "./model.ts";

/**
 * The model with only the wanted services and what they depend on; everything when none is named.
 * Throws REAL_SERVICES_UNKNOWN_SERVICE with the nearest name.
 */
export function selectServices(model: ComposeModel, wanted: readonly string[]): ComposeModel {
  const names = Object.keys(model.services);
  if (names.length === 0) {
    throw new RealServicesError(
      "REAL_SERVICES_INVALID_COMPOSE_FILE",
      "The stack has no services.",
      {
        received: names,
        hint: "Perhaps all of them are behind a profile: switch it on with `profiles`, on the command line `--profile`.",
      },
    );
  }
  if (wanted.length === 0) return model;
  const selected = new Set<string>();
  const queue = [...wanted];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (selected.has(name)) continue;
    // Own only: `constructor` is no service of any stack that does not name it.
    const service = Object.hasOwn(model.services, name) ? model.services[name] : undefined;
    if (service === undefined) throw unknownService(name, names);
    selected.add(name);
    for (const [other, dependency] of Object.entries(service.depends_on ?? {})) {
      if (dependency.required !== false || model.services[other] !== undefined) queue.push(other);
    }
    for (const mode of [service.network_mode, service["pid"], service["ipc"]]) {
      const joined = typeof mode === "string" ? /^service:(.+)$/.exec(mode)?.[1] : undefined;
      if (joined !== undefined) queue.push(joined);
    }
  }
  // Filtered rather than picked, so that the order of the file stays.
  const services = Object.fromEntries(
    Object.entries(model.services)
      .filter(([name]) => selected.has(name))
      .map(([name, { profiles: _profiles, ...service }]) => [name, service]),
  );
  return { ...model, services };
}

export function unknownService(name: string, names: readonly string[]): RealServicesError {
  const nearest = names.length === 0 ? undefined : closest(name, [...names]);
  const isNear = nearest !== undefined && distance(name, nearest) <= Math.max(2, name.length / 3);
  return new RealServicesError(
    "REAL_SERVICES_UNKNOWN_SERVICE",
    `The stack has no service “${name}”.`,
    {
      received: name,
      hint: `${isNear ? `Did you mean “${nearest}”? ` : ""}It has: ${names.join(", ")}.`,
    },
  );
}

import { RealServicesError } from "../errors.ts";
import { containerNames, followReferences } from "./container-references.ts";
import { isBridge, isExternal, replicasOf } from "./isolate-networks.ts";
import type { ComposeModel, ComposeService } from "./model.ts";
import { hasReadableLogs } from "./readable-logs.ts";

/** Something that copies of a stack share, or that isolation changed beyond names and addresses. */
export interface IsolationWarning {
  readonly service?: string;
  readonly message: string;
}

/** What the engine has, as far as a stack refers to it. */
export interface EngineNames {
  readonly networks: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
}

/** Host namespaces that a service may join; its copies then meet there. */
const NAMESPACES = ["pid", "ipc", "uts", "userns_mode"] as const;

/** What merely shares state with the host or between copies: said once, refused never. */
export function findWarnings(model: ComposeModel): IsolationWarning[] {
  const names = containerNames(model.services);
  const warnings: IsolationWarning[] = [];
  for (const [service, definition] of Object.entries(model.services)) {
    const warn = (message: string) => warnings.push({ service, message });
    if (definition.network_mode === "host") warn("shares the host's network");
    for (const namespace of NAMESPACES) {
      if (definition[namespace] === "host") warn(`shares the host's ${namespace} namespace`);
    }
    for (const container of followReferences(definition, names).foreign) {
      warn(`refers to container ${container}, which is not of this stack: every copy shares it`);
    }
    for (const mount of definition.volumes ?? []) {
      if (mount.type !== "bind" || mount.read_only === true) continue;
      warn(`writes to ${mount.source ?? "a folder"} of the host, as every other copy does`);
    }
    if (!hasReadableLogs(definition)) {
      warn(
        `logs through json-file instead of ${definition.logging?.driver}, whose logs nobody could read`,
      );
    }
  }
  for (const [name, network] of Object.entries(model.networks ?? {})) {
    if (isExternal(network)) {
      warnings.push({
        message: `network ${network?.name ?? name} is external: every copy shares it`,
      });
    } else if (!isBridge(network)) {
      warnings.push({
        message: `network ${name} has driver ${String(network?.driver)}: its addresses are not moved`,
      });
    }
  }
  for (const [name, volume] of Object.entries(model.volumes ?? {})) {
    const device = volume?.driver_opts?.["device"];
    if (isExternal(volume)) {
      warnings.push({
        message: `volume ${volume?.name ?? name} is external: every copy shares it`,
      });
    } else if (device !== undefined && volume?.driver_opts?.["type"] !== "tmpfs") {
      warnings.push({ message: `volume ${name} lies on ${device}: every copy shares it` });
    }
  }
  return warnings;
}

/**
 * Throws REAL_SERVICES_NOT_ISOLABLE, before anything is created, for a stack that cannot run as a
 * copy, with the reason and the service.
 */
export function refuseUnisolable(model: ComposeModel, engine: EngineNames): void {
  for (const [name, service] of Object.entries(model.services)) {
    refuseHostPorts(name, service);
    refuseNarrowRange(name, service);
  }
  for (const [name, network] of Object.entries(model.networks ?? {})) {
    if (isExternal(network) && !engine.networks.has(network?.name ?? name)) {
      throw missing("network", network?.name ?? name, usersOfNetwork(model, name));
    }
  }
  for (const [name, volume] of Object.entries(model.volumes ?? {})) {
    if (isExternal(volume) && !engine.volumes.has(volume?.name ?? name)) {
      throw missing("volume", volume?.name ?? name, usersOfVolume(model, name));
    }
  }
}

function refuseHostPorts(name: string, service: ComposeService): void {
  if (service.network_mode !== "host" || (service.ports ?? []).length === 0) return;
  throw new RealServicesError(
    "REAL_SERVICES_NOT_ISOLABLE",
    `Service “${name}” publishes ports and uses the host's network: two copies would want the same ports.`,
    {
      received: { service: name, network_mode: "host" },
      hint: `Remove \`network_mode: host\` from “${name}”, or its \`ports\`, in an override file.`,
    },
  );
}

function refuseNarrowRange(name: string, service: ComposeService): void {
  const replicas = replicasOf(service);
  for (const { published, target } of service.ports ?? []) {
    if (published === undefined || published === "" || replicas < 2) continue;
    const [first = 0, last = first] = published.split("-").map(Number);
    if (last - first + 1 >= replicas) continue;
    throw new RealServicesError(
      "REAL_SERVICES_NOT_ISOLABLE",
      `Service “${name}” has ${replicas} replicas, but publishes ${target} on ${published}, which is ${last - first + 1}: Compose could not start it either.`,
      {
        received: { service: name, published, replicas },
        hint: `Publish a range of ${replicas} ports, or only the container port \`${target}\`.`,
      },
    );
  }
}

function missing(what: string, name: string, services: readonly string[]): RealServicesError {
  const users = services.map((service) => `“${service}”`).join(", ");
  return new RealServicesError(
    "REAL_SERVICES_NOT_ISOLABLE",
    `The external ${what} ${name}${users === "" ? "" : `, which ${users} uses,`} does not exist.`,
    { received: name, hint: `Create it: \`docker ${what} create ${name}\`.` },
  );
}

/** The services that are attached to a network of the stack. */
export function usersOfNetwork(model: ComposeModel, network: string): string[] {
  return Object.entries(model.services)
    .filter(([, service]) => service.networks !== undefined && network in service.networks)
    .map(([name]) => name);
}

function usersOfVolume(model: ComposeModel, volume: string): string[] {
  return Object.entries(model.services)
    .filter(([, { volumes }]) => volumes?.some(({ source }) => source === volume))
    .map(([name]) => name);
}

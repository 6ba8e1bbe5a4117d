import { probeOften } from "./health-check.ts";
import { OPTIONAL_LABEL } from "./labels.ts";
import type { ComposeModel, ComposeNetwork, ComposeService, ComposeVolume } from "./model.ts";

/** Everything isolation has to know beside the model; the same input gives the same output. */
export interface IsolationPlan {
  /** The environment's name, which becomes the Compose project's. */
  readonly project: string;
  readonly labels: Readonly<Record<string, string>>;
  /** One leased host port for each entry of `portSlots(model)`, in its order. */
  readonly hostPorts: readonly number[];
  /** One free subnet for each entry of `networkSlots(model)`, in its order. */
  readonly subnets: readonly string[];
  /** The engine knows `start_interval` (≥ 25). */
  readonly canProbeOften: boolean;
}

export interface IsolationWarning {
  readonly service?: string;
  readonly message: string;
}

export interface IsolatedStack {
  readonly model: ComposeModel;
  readonly warnings: readonly IsolationWarning[];
}

/** Where tests reach published ports: never `localhost`, which may resolve to an address nothing listens on. */
export const HOST_ADDRESS = "127.0.0.1";

/** The ports that need a lease: every published one, in the order of the model. */
export function portSlots(model: ComposeModel): readonly { service: string; target: number }[] {
  return Object.entries(model.services).flatMap(([service, { ports }]) =>
    (ports ?? []).map((port) => ({ service, target: port.target })),
  );
}

/** The networks that need a subnet: all that the environment creates. */
export function networkSlots(model: ComposeModel): readonly string[] {
  return Object.entries(model.networks ?? {})
    .filter(([, network]) => network?.external !== true)
    .map(([name]) => name);
}

/** The copy of a stack that can run beside any number of others, and beside the user's own. */
export function isolate(model: ComposeModel, plan: IsolationPlan): IsolatedStack {
  const warnings: IsolationWarning[] = [];
  const hostPorts = plan.hostPorts.values();
  const subnets = plan.subnets.values();
  const services: Record<string, ComposeService> = {};
  for (const [name, service] of Object.entries(model.services)) {
    services[name] = isolateService(name, service, model, plan, hostPorts, warnings);
  }
  const networks: Record<string, ComposeNetwork> = {};
  for (const [name, network] of Object.entries(model.networks ?? {})) {
    networks[name] = isolateNetwork(name, network ?? {}, plan, subnets, warnings);
  }
  const volumes: Record<string, ComposeVolume> = {};
  for (const [name, volume] of Object.entries(model.volumes ?? {})) {
    volumes[name] = isolateVolume(name, volume ?? {}, plan, warnings);
  }
  return { model: { ...model, name: plan.project, services, networks, volumes }, warnings };
}

/** The image that Compose itself would build for this service, so that both share it. */
export function builtImage(project: string, service: string): string {
  return `${project}-${service}`;
}

function isolateService(
  name: string,
  original: ComposeService,
  model: ComposeModel,
  plan: IsolationPlan,
  hostPorts: Iterator<number, undefined>,
  warnings: IsolationWarning[],
): ComposeService {
  const { container_name: containerName, healthcheck, restart, ports, ...service } = original;
  if (service.network_mode === "host") {
    warnings.push({
      service: name,
      message: "shares the host's network: its ports are not isolated",
    });
  }
  for (const mount of service.volumes ?? []) {
    if (mount.type === "bind" && mount.read_only !== true) {
      warnings.push({
        service: name,
        message: `writes to ${mount.source ?? "a folder"} of the host, as every other copy does`,
      });
    }
  }
  return {
    ...service,
    ...(service.image === undefined && service.build !== undefined
      ? { image: builtImage(model.name ?? plan.project, name) }
      : {}),
    ...(service.networks === undefined || containerName === undefined
      ? {}
      : { networks: withAlias(service.networks, containerName) }),
    ...(ports === undefined
      ? {}
      : {
          ports: ports.map((port) => ({
            ...port,
            host_ip: HOST_ADDRESS,
            published: String(hostPorts.next().value),
          })),
        }),
    // A test environment must not come back after a reboot; a service that crashes until its
    // database is there must still recover.
    ...(restart === undefined
      ? {}
      : { restart: restart === "always" || restart === "unless-stopped" ? "on-failure" : restart }),
    ...(healthcheck === undefined
      ? {}
      : { healthcheck: plan.canProbeOften ? probeOften(healthcheck) : healthcheck }),
    labels: { ...service.labels, ...plan.labels, [OPTIONAL_LABEL.service]: name },
  };
}

function withAlias(
  networks: NonNullable<ComposeService["networks"]>,
  alias: string,
): NonNullable<ComposeService["networks"]> {
  return Object.fromEntries(
    Object.entries(networks).map(([name, attachment]) => [
      name,
      { ...attachment, aliases: [...(attachment?.aliases ?? []), alias] },
    ]),
  );
}

function isolateNetwork(
  name: string,
  network: ComposeNetwork,
  plan: IsolationPlan,
  subnets: Iterator<string, undefined>,
  warnings: IsolationWarning[],
): ComposeNetwork {
  if (network.external === true) {
    warnings.push({ message: `network ${network.name ?? name} is external: every copy shares it` });
    return network;
  }
  return {
    ...network,
    name: `${plan.project}_${name}`,
    ipam: { ...network.ipam, config: [{ subnet: subnets.next().value ?? "" }] },
    labels: { ...network.labels, ...plan.labels },
  };
}

function isolateVolume(
  name: string,
  volume: ComposeVolume,
  plan: IsolationPlan,
  warnings: IsolationWarning[],
): ComposeVolume {
  if (volume.external === true) {
    warnings.push({ message: `volume ${volume.name ?? name} is external: every copy shares it` });
    return volume;
  }
  return {
    ...volume,
    name: `${plan.project}_${name}`,
    labels: { ...volume.labels, ...plan.labels },
  };
}

import { writeAttachments } from "./attachments.ts";
import { calmCheck } from "./calm-check.ts";
import { containerNames, followReferences } from "./container-references.ts";
import { injectedFiles } from "./injected-files.ts";
import { isExternal, isolateAttachments, isolateNetworks } from "./isolate-networks.ts";
import { type ExtraPorts, isolatePorts } from "./isolate-ports.ts";
import { OPTIONAL_LABEL } from "./labels.ts";
import { memoryLimit } from "./memory.ts";
import type { ComposeModel, ComposeNetwork, ComposeService, ComposeVolume } from "./model.ts";
import { readableLogging } from "./readable-logs.ts";
import { findWarnings, type IsolationWarning } from "./shared-state.ts";

/** Everything isolation has to know beside the model; the same input gives the same output. */
export interface IsolationPlan {
  /** The environment's name, which becomes the Compose project's. */
  readonly project: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Leased host ports for each entry of `portSlots`, in its order. */
  readonly hostPorts: readonly (readonly number[])[];
  /** A free subnet for each entry of `networkSlots`, in its order. */
  readonly subnets: readonly string[];
  /** The address of the engine's host that ports are published on. */
  readonly bindAddress: string;
  readonly publish: ExtraPorts;
  /** Limits asked for, by service; see `memoryLimit`. */
  readonly memory: Readonly<Record<string, string | false>>;
  /** Containers reach the test process by the name `host.docker.internal`. */
  readonly hostAccess: boolean;
  /** Services whose checks may be calmer while they start; see `calmCheck`. */
  readonly calm: ReadonlySet<string>;
}

export interface IsolatedStack {
  readonly model: ComposeModel;
  /** What is shared with the host or was changed, each said once. */
  readonly warnings: readonly IsolationWarning[];
}

/** The copy of a stack that can run beside any number of others, and beside the user's own. */
export function isolate(model: ComposeModel, plan: IsolationPlan): IsolatedStack {
  const hostPorts = plan.hostPorts.values();
  const networks = isolateNetworks(model, plan.project, plan.subnets, plan.labels);
  const services = Object.fromEntries(
    Object.entries(model.services).map(([name, service]) => [
      name,
      isolateService(name, service, model, plan, { networks, hostPorts }),
    ]),
  );
  const volumes = Object.fromEntries(
    Object.entries(model.volumes ?? {}).map(([name, volume]) => [
      name,
      isolateVolume(name, volume ?? {}, plan),
    ]),
  );
  return {
    model: { ...model, name: plan.project, services, networks, volumes },
    warnings: findWarnings(model),
  };
}

/** The image that Compose itself would build for this service, so that both share it. */
export function builtImage(project: string, service: string): string {
  return `${project}-${service}`;
}

interface SharedParts {
  readonly networks: Readonly<Record<string, ComposeNetwork>>;
  readonly hostPorts: Iterator<readonly number[], undefined>;
}

function isolateService(
  name: string,
  original: ComposeService,
  model: ComposeModel,
  plan: IsolationPlan,
  { networks, hostPorts }: SharedParts,
): ComposeService {
  const followed = followReferences(original, containerNames(model.services)).service;
  const {
    container_name: _name,
    // The services of active profiles were selected already; the copy has no profiles to activate.
    profiles: _profiles,
    ports,
    restart,
    deploy,
    depends_on: dependsOn,
    ...service
  } = followed;
  const logging = readableLogging(service);
  const memory = memoryLimit(original, plan.memory[name]);
  const hasOwnLimit = memoryLimit(original, false) !== undefined;
  const hasSlots = (service.scale ?? deploy?.replicas) !== 0;
  const calm = plan.calm.has(name) ? calmCheck(service) : undefined;
  const files = injectedFiles(model, original, {}).map(({ path }) => path);
  const attachments =
    service.networks === undefined ? undefined : isolateAttachments(original, model, plan.subnets);
  const published = hasSlots
    ? isolatePorts(ports, plan.publish[name], hostPorts, plan.bindAddress)
    : [];
  return {
    ...service,
    ...(service.image === undefined && service.build !== undefined
      ? { image: builtImage(model.name ?? plan.project, name) }
      : {}),
    ...(attachments === undefined ? {} : { networks: attachments }),
    ...(dependsOn === undefined ? {} : { depends_on: onlyPresent(dependsOn, model) }),
    ...(published.length === 0 ? {} : { ports: published }),
    ...(restart === undefined ? {} : { restart: recoverOnly(restart) }),
    ...(deploy === undefined ? {} : { deploy: withoutEndlessRestarts(deploy) }),
    ...(calm === undefined ? {} : { healthcheck: calm.healthcheck }),
    ...(logging === undefined ? {} : { logging }),
    ...(plan.hostAccess && service.network_mode !== "host"
      ? { extra_hosts: [...(service.extra_hosts ?? []), "host.docker.internal=host-gateway"] }
      : {}),
    ...(memory === undefined || hasOwnLimit ? {} : { mem_limit: String(memory) }),
    labels: {
      ...service.labels,
      ...plan.labels,
      [OPTIONAL_LABEL.service]: name,
      ...(memory === undefined ? {} : { [OPTIONAL_LABEL.memory]: String(memory) }),
      ...(calm === undefined ? {} : { [OPTIONAL_LABEL.startPeriod]: calm.label }),
      ...(attachments === undefined
        ? {}
        : { [OPTIONAL_LABEL.networks]: writeAttachments(name, attachments, networks) }),
      ...(files.length === 0 ? {} : { [OPTIONAL_LABEL.files]: JSON.stringify(files) }),
    },
  };
}

/** An optional dependency on a service that is not part of the copy would be refused by Compose. */
function onlyPresent(
  dependsOn: NonNullable<ComposeService["depends_on"]>,
  model: ComposeModel,
): NonNullable<ComposeService["depends_on"]> {
  return Object.fromEntries(
    Object.entries(dependsOn).filter(
      ([name, { required }]) => required !== false || model.services[name] !== undefined,
    ),
  );
}

/**
 * A test environment must not come back after a reboot; a service that crashes until its database
 * is there must still recover.
 */
function recoverOnly(restart: string): string {
  return restart === "always" || restart === "unless-stopped" ? "on-failure" : restart;
}

/** Compose takes `any`, its default here, for `restart: always`. */
function withoutEndlessRestarts(
  deploy: NonNullable<ComposeService["deploy"]>,
): NonNullable<ComposeService["deploy"]> {
  const policy = deploy.restart_policy;
  if (policy === undefined) return deploy;
  const { condition = "any" } = policy;
  return {
    ...deploy,
    restart_policy: { ...policy, condition: condition === "any" ? "on-failure" : condition },
  };
}

function isolateVolume(name: string, volume: ComposeVolume, plan: IsolationPlan): ComposeVolume {
  if (isExternal(volume)) return volume;
  return {
    ...volume,
    name: `${plan.project}_${name}`,
    labels: { ...volume.labels, ...plan.labels },
  };
}

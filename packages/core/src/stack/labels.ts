/**
 * Every label that real-services puts on containers, networks and volumes, in one place.
 * A resource is ours only when it carries all of them (`readLabels`): some are not enough.
 */
const PREFIX = "real-services";

export const LABEL = {
  /** The environment's name, equal to the Compose project's. */
  environment: `${PREFIX}.environment`,
  /** A random id made at acquire: two environments of one name can never be mixed up. */
  id: `${PREFIX}.id`,
  /** `dedicated`, `shared` or `production`. */
  kind: `${PREFIX}.kind`,
  /** Who answers for it, as `ownership/owner.ts` writes it. */
  owner: `${PREFIX}.owner`,
  /** Hash of the canonical model before isolation. */
  stack: `${PREFIX}.stack`,
  /** When acquire began, ISO 8601, by the engine's clock. */
  created: `${PREFIX}.created`,
} as const;

/** Only on some resources. */
export const OPTIONAL_LABEL = {
  /** On containers: the Compose service. */
  service: `${PREFIX}.service`,
  /**
   * On containers: the services that it waits for, each with the condition, and whether it is
   * restarted with them: `db:service_healthy:restart,…`.
   */
  dependsOn: `${PREFIX}.depends-on`,
  /** On containers: what it may use, in bytes. */
  memory: `${PREFIX}.memory`,
  /** On containers: the paths of the files that were written into it before its start, as a JSON list. */
  files: `${PREFIX}.files`,
  /** On containers: the networks that it is to be on, as `stack/attachments.ts` writes them. */
  networks: `${PREFIX}.networks`,
  /** On containers whose check is calmer while they start: the user's own start period, in milliseconds. */
  startPeriod: `${PREFIX}.start-period`,
  /** On images: they were built for environments. */
  built: `${PREFIX}.built`,
  /** With shards: `2/4`. */
  shard: `${PREFIX}.shard`,
  /** On the empty volume that renews a lease: its deadline, ISO 8601, by the engine's clock. */
  leaseUntil: `${PREFIX}.lease-until`,
  /** On the empty volume by which an owner that others cannot see says that it lives: until when that holds. */
  heartbeatUntil: `${PREFIX}.heartbeat-until`,
} as const;

export interface EnvironmentLabels {
  readonly environment: string;
  readonly id: string;
  readonly kind: string;
  readonly owner: string;
  readonly stack: string;
  readonly created: string;
}

/** The labels of one environment as the engine stores them. */
export function writeLabels(labels: EnvironmentLabels, shard?: string): Record<string, string> {
  return {
    [LABEL.environment]: labels.environment,
    [LABEL.id]: labels.id,
    [LABEL.kind]: labels.kind,
    [LABEL.owner]: labels.owner,
    [LABEL.stack]: labels.stack,
    [LABEL.created]: labels.created,
    ...(shard === undefined ? {} : { [OPTIONAL_LABEL.shard]: shard }),
  };
}

/** Undefined unless every label is there: a resource with only some of them is not ours. */
export function readLabels(
  raw: Readonly<Record<string, string>> | null | undefined,
): EnvironmentLabels | undefined {
  const environment = raw?.[LABEL.environment];
  const id = raw?.[LABEL.id];
  const kind = raw?.[LABEL.kind];
  const owner = raw?.[LABEL.owner];
  const stack = raw?.[LABEL.stack];
  const created = raw?.[LABEL.created];
  if (!environment || !id || !kind || !owner || !stack || !created) return undefined;
  return { environment, id, kind, owner, stack, created };
}

import type { Dockerode } from "./dockerode.ts";
import type {
  ContainerAccount,
  ContainerSummary,
  DiskUsage,
  EngineEvent,
  EnginePort,
  HealthTest,
} from "./engine-shapes.ts";

export interface RawDiskUsage {
  readonly Containers?: readonly {
    readonly Labels?: Record<string, string>;
    readonly SizeRw?: number;
    readonly Mounts?: readonly { readonly Type?: string; readonly Name?: string }[];
  }[];
  readonly Volumes?: readonly {
    readonly Name?: string;
    readonly Labels?: Record<string, string> | null;
    readonly UsageData?: { readonly Size?: number } | null;
  }[];
  readonly Images?: readonly {
    readonly Id?: string;
    readonly Labels?: Record<string, string> | null;
    readonly RepoTags?: readonly string[] | null;
    readonly Size?: number;
  }[];
}

export function toDiskUsage({
  Containers = [],
  Volumes = [],
  Images = [],
}: RawDiskUsage): DiskUsage {
  return {
    containers: Containers.map(({ Labels, SizeRw, Mounts = [] }) => ({
      labels: Labels ?? {},
      bytes: SizeRw ?? 0,
      volumes: Mounts.flatMap(({ Type, Name }) => (Type === "volume" && Name ? [Name] : [])),
    })),
    volumes: Volumes.map(({ Name, Labels, UsageData }) => ({
      name: Name ?? "",
      labels: Labels ?? {},
      bytes: UsageData?.Size ?? 0,
    })),
    images: Images.map(({ Id, Labels, RepoTags, Size }) => ({
      name: RepoTags?.[0] ?? Id?.slice(7, 19) ?? "",
      labels: Labels ?? {},
      bytes: Size ?? 0,
    })),
  };
}

export function toSummary(item: Dockerode.ContainerInfo): ContainerSummary {
  return {
    id: item.Id,
    name: (item.Names[0] ?? item.Id).replace(/^\//, ""),
    image: item.Image,
    imageId: item.ImageID,
    state: item.State,
    labels: item.Labels ?? {},
    ports: (item.Ports ?? [])
      .filter((port) => port.PublicPort !== undefined)
      .map((port) => ({
        containerPort: port.PrivatePort,
        protocol: port.Type === "udp" ? "udp" : "tcp",
        hostIp: port.IP,
        hostPort: port.PublicPort,
      })),
    volumes: (item.Mounts ?? []).flatMap(({ Type, Name }) =>
      Type === "volume" && Name !== undefined ? [Name] : [],
    ),
  };
}

export function toAccount(details: Inspected): ContainerAccount {
  const { State: state } = details;
  const status = state.Health?.Status;
  return {
    id: details.Id,
    name: details.Name.replace(/^\//, ""),
    image: details.Config.Image,
    state: state.Status,
    exitCode: state.ExitCode,
    oomKilled: state.OOMKilled,
    restartCount: details.RestartCount,
    startedAt: state.StartedAt,
    pid: state.Pid,
    error: state.Error,
    health:
      status === "starting" || status === "healthy" || status === "unhealthy" ? status : undefined,
    healthLog: (state.Health?.Log ?? []).map((entry) => ({
      exitCode: entry.ExitCode,
      output: entry.Output,
      beganAt: Date.parse(entry.Start),
      endedAt: Date.parse(entry.End),
    })),
    tty: details.Config.Tty,
    check: toHealthTest(details.Config.Healthcheck, details.Config),
    ports: toPorts(details.NetworkSettings.Ports),
    networkMode: details.HostConfig.NetworkMode ?? "",
    labels: details.Config.Labels ?? {},
    ...accountOf(details),
  };
}

/** What the engine gives a container that names no time of its own. */
const DEFAULT_GRACE_SECONDS = 10;

function accountOf({ Config: config, HostConfig: host, State: state, ...details }: Inspected) {
  const finishedAt = Date.parse(state.FinishedAt) > 0 ? state.FinishedAt : undefined;
  return {
    createdAt: details.Created,
    finishedAt,
    graceSeconds:
      "StopTimeout" in config && typeof config.StopTimeout === "number"
        ? config.StopTimeout
        : DEFAULT_GRACE_SECONDS,
    restartPolicy: host.RestartPolicy?.Name || "no",
    publishes: Object.keys(host.PortBindings ?? {}).length > 0,
    exposedPorts: Object.keys(config.ExposedPorts ?? {})
      .filter((port) => port.endsWith("/tcp"))
      .map((port) => Number.parseInt(port, 10)),
    memoryBytes: host.Memory || undefined,
    env: Object.fromEntries(
      (config.Env ?? []).map((entry) => {
        const at = entry.indexOf("=");
        return at === -1 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
      }),
    ),
    command: [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])],
    mounts: (details.Mounts ?? []).map((mount) => ({
      type: mount.Type ?? "",
      source: mount.Name ?? mount.Source,
      target: mount.Destination,
      writable: mount.RW,
    })),
    networks: Object.fromEntries(
      Object.entries(details.NetworkSettings.Networks ?? {}).map(([name, network]) => [
        name,
        network.IPAddress,
      ]),
    ),
  };
}

type Inspected = Dockerode.ContainerInspectInfo;

/** The engine's defaults for what a health check leaves out. */
const CHECK_INTERVAL_MS = 30_000;
const CHECK_TIMEOUT_MS = 30_000;
const CHECK_RETRIES = 3;

/** The command that the engine would run, by its own rules for the first word of `test`. */
function toHealthTest(
  raw: Dockerode.HealthConfig | undefined,
  config: object,
): HealthTest | undefined {
  const [form, ...words] = raw?.Test ?? [];
  if (form !== "CMD" && form !== "CMD-SHELL") return undefined;
  const own: unknown = "Shell" in config ? config.Shell : undefined;
  const shell = Array.isArray(own) && own.length > 0 ? own.map(String) : ["/bin/sh", "-c"];
  return {
    command: form === "CMD" ? words : [...shell, words.join(" ")],
    intervalMs: (raw?.Interval || CHECK_INTERVAL_MS * 1e6) / 1e6,
    timeoutMs: (raw?.Timeout || CHECK_TIMEOUT_MS * 1e6) / 1e6,
    retries: raw?.Retries || CHECK_RETRIES,
    startPeriodMs: (raw?.StartPeriod ?? 0) / 1e6,
  };
}

function toPorts(
  raw: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[] | null>>,
): EnginePort[] {
  return Object.entries(raw ?? {}).flatMap(([key, bindings]) => {
    const [port, protocol] = key.split("/");
    return (bindings ?? []).map(({ HostIp, HostPort }) => ({
      containerPort: Number(port),
      protocol: protocol === "udp" ? ("udp" as const) : ("tcp" as const),
      hostIp: HostIp,
      hostPort: Number(HostPort),
    }));
  });
}

/** Takes the 8-byte frame headers out of a finished log body. */
export function demultiplex(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= body.length; ) {
    const end = at + 8 + body.readUInt32BE(at + 4);
    parts.push(body.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts);
}

export function parseEvent(line: string): EngineEvent | undefined {
  if (line.trim() === "") return undefined;
  const event: unknown = JSON.parse(line);
  if (typeof event !== "object" || event === null) return undefined;
  if (!("Action" in event) || typeof event.Action !== "string") return undefined;
  if (!("Actor" in event) || typeof event.Actor !== "object" || event.Actor === null) {
    return undefined;
  }
  const { ID: id, Attributes: attributes } = { ID: "", Attributes: {}, ...event.Actor };
  const time = "timeNano" in event && typeof event.timeNano === "number" ? event.timeNano / 1e9 : 0;
  return { action: event.Action, containerId: id, attributes, time };
}

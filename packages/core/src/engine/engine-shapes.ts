/** What the rest of the house knows of a container; the engine's own field names stay in this file. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly EnginePort[];
  /** Names of the volumes that are mounted, the anonymous ones among them. */
  readonly volumes: readonly string[];
}

export interface EnginePort {
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
  readonly hostIp: string;
  readonly hostPort: number;
}

export interface ContainerDetails {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: string;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly restartCount: number;
  readonly startedAt: string;
  /** Of its main process, as the engine's host sees it; 0 while it does not run. */
  readonly pid: number;
  readonly error: string;
  /** Undefined when the container has no health check. */
  readonly health: "starting" | "healthy" | "unhealthy" | undefined;
  /** The last runs of its health check, oldest first; times in milliseconds by the engine's clock. */
  readonly healthLog: readonly HealthRun[];
  readonly tty: boolean;
  /** Its health check as the engine runs it; undefined when there is none. */
  readonly check: HealthTest | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly EnginePort[];
  /** `host`, `bridge`, `none`, `container:<id>` or a network's name. */
  readonly networkMode: string;
}

/** What people ask about a container, beside how it is. */
export interface ContainerAccount extends ContainerDetails {
  /** By the engine's clock. */
  readonly createdAt: string;
  /** When it ended last; undefined for one that never did. */
  readonly finishedAt: string | undefined;
  /** `no`, `on-failure`, `always` or `unless-stopped`. */
  readonly restartPolicy: string;
  /** It has host ports while it runs; `ports` are empty once it has ended. */
  readonly publishes: boolean;
  /** Ports that its image or its definition names, published or not. */
  readonly exposedPorts: readonly number[];
  /** How long it is given between its stop signal and its end. */
  readonly graceSeconds: number;
  /** Undefined without a limit. */
  readonly memoryBytes: number | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly mounts: readonly ContainerMount[];
  /** Address by network. */
  readonly networks: Readonly<Record<string, string>>;
}

export interface ContainerMount {
  readonly type: string;
  /** A volume's name, or a path of the host. */
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
}

/** A health check, ready to be run by `exec`. */
export interface HealthTest {
  readonly command: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
}

export interface ExecResult {
  readonly exitCode: number;
  /** The beginning of what it wrote, stdout and stderr together. */
  readonly output: string;
  /** From the engine's taking it up to its end, in milliseconds: not the way to the engine. */
  readonly durationMs: number;
}

export interface HealthRun {
  readonly exitCode: number;
  readonly output: string;
  readonly beganAt: number;
  readonly endedAt: number;
}

export interface NetworkSummary {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly subnets: readonly string[];
}

export interface VolumeSummary {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface EngineEvent {
  readonly action: string;
  readonly containerId: string;
  /** By the engine's clock, in seconds since the epoch. */
  readonly time: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Labels and size of everything on the engine. */
export interface DiskUsage {
  /** With the names of the volumes in them. */
  readonly containers: readonly (Sized & { readonly volumes: readonly string[] })[];
  readonly volumes: readonly (Sized & { readonly name: string })[];
  readonly images: readonly (Sized & { readonly name: string })[];
}

interface Sized {
  readonly labels: Readonly<Record<string, string>>;
  readonly bytes: number;
}

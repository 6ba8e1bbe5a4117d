/** How an environment is kept: see DESIGN in ARCHITECTURE.md. */
export type EnvironmentKind = "dedicated" | "shared" | "production";

export type EnvironmentState =
  | "initialized"
  | "starting"
  | "running"
  | "stopping"
  | "stopped"
  | "failed"
  | "force-killed";

/** The state of a service as applications ask for it. */
export type ServiceStatus = "running" | "starting" | "stopped" | "error";

export type Health = "HEALTHY" | "UNHEALTHY" | "STARTING" | "STOPPED";

/** One published port of a service. */
export interface PublishedPort {
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
  /** Where a test reaches it, such as `127.0.0.1`; never `localhost`. */
  readonly host: string;
  readonly port: number;
}

/** A service as a test needs it. Plain data: it survives structured cloning. */
export interface ServiceInfo {
  readonly name: string;
  readonly image: string;
  /** Host and port of the first published port; undefined for a service that publishes none. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Connection string for PostgreSQL, Redis, ClickHouse and HTTP services; undefined for a service that publishes nothing. */
  readonly url: string | undefined;
  readonly ports: readonly PublishedPort[];
  /** Full ids of its containers. */
  readonly containers: readonly string[];
}

/** What `acquireEnvironment` hands out. */
export interface Environment {
  /** The Compose project name, unique on the engine, such as `shop-test-3f9a1c`. */
  readonly name: string;
  readonly id: string;
  readonly kind: EnvironmentKind;
  readonly state: EnvironmentState;
  /** First published host port by service name; final once the environment is ready. */
  readonly ports: Readonly<Record<string, number>>;
  readonly services: Readonly<Record<string, ServiceInfo>>;
  readonly stackHash: string;
  /** Absolute path of the folder that its logs are kept in; undefined with `logs: false`. */
  readonly logFolder: string | undefined;
}

/** Who answers for an environment, in words a person can check. */
export interface OwnerReport {
  readonly kind: "process" | "lease";
  readonly liveness: "alive" | "dead" | "unknown";
  /** Such as `process 4711 on ci-host` or `lease until 2026-01-01T00:00:00Z`. */
  readonly description: string;
}

/** An environment found on the engine, whichever process began it. */
export interface EnvironmentSummary {
  readonly name: string;
  readonly id: string;
  readonly kind: EnvironmentKind;
  readonly createdAt: string;
  readonly owner: OwnerReport;
  /** The decision the next sweep would take, and why. */
  readonly orphan: boolean;
  readonly services: readonly {
    readonly name: string;
    readonly status: ServiceStatus;
    readonly health: Health;
    readonly ports: readonly PublishedPort[];
    /** Since when it runs, ISO 8601; null when it does not. */
    readonly startedAt: string | null;
    /** How often the engine has started its containers again by itself. */
    readonly restarts: number;
  }[];
}

/** What a sweep or a release did, or would do, with one environment. */
export interface SweepDecision {
  readonly environment: string;
  readonly action: "removed" | "kept" | "failed";
  /** Such as `kept: owner process 4711 is alive since …`. */
  readonly reason: string;
  readonly containers: number;
  readonly networks: number;
  readonly volumes: number;
}

export interface SweepReport {
  readonly dryRun: boolean;
  readonly decisions: readonly SweepDecision[];
}

/** Where the time of a start went. All times are milliseconds since acquire. */
export interface StartProfile {
  readonly services: readonly {
    readonly name: string;
    readonly createdMs: number;
    /** When its dependencies held and the engine was asked to start it; undefined before that. */
    readonly requestedMs: number | undefined;
    readonly startedMs: number | undefined;
    readonly readyMs: number | undefined;
    /** The dependency that was ready last. */
    readonly waitedFor: string | undefined;
  }[];
  /** The services that decided when the last one was ready, in the order of their start. */
  readonly criticalPath: readonly string[];
  /** The cheapest improvement, when there is one worth a word. */
  readonly advice: string | undefined;
}

/** A stack as its files describe it. */
export interface StackSummary {
  /** Equal hashes mean that one environment serves both. */
  readonly hash: string;
  readonly services: readonly string[];
  /** Who waits for whom, and for what. */
  readonly graph: readonly {
    readonly service: string;
    /** Undefined for one that is built and has no name of its own. */
    readonly image: string | undefined;
    readonly dependsOn: readonly {
      readonly service: string;
      readonly condition: "service_started" | "service_healthy" | "service_completed_successfully";
      readonly required: boolean;
    }[];
  }[];
  /** Of this very stack, by this user on this host; undefined when there was none in a month. */
  readonly lastStart: StartProfile | undefined;
}

/** Three levels, the worst of each deciding the next. */
export interface HealthReport {
  readonly system: Health;
  readonly environments: readonly {
    readonly name: string;
    readonly health: Health;
    /** Only of an environment that this manager has acquired. */
    readonly startup?: StartProfile;
    readonly services: readonly {
      readonly name: string;
      readonly status: ServiceStatus;
      /** Its health check, or the endpoint given in `endpoints`, else the containers' state. */
      readonly health: Health;
      readonly detail: string;
      readonly containers: readonly {
        readonly id: string;
        readonly name: string;
        /** The engine's word: `running`, `exited`, `paused`, … */
        readonly state: string;
        readonly health: Health;
        /** ISO 8601, by the engine's clock. */
        readonly startedAt: string;
        readonly restartCount: number;
      }[];
    }[];
  }[];
}

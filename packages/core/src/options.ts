import type { WaitStrategy } from "testcontainers";
import type { EnvironmentKind } from "./environment.ts";

/** How the logs of containers are kept. Every field has a default. */
export interface LogOptions {
  /** Folder with one folder for each run, relative to `cwd`. @default ".real-services" */
  folder?: string;
  /**
   * Most bytes that one run and the archives of earlier ones take up: the oldest archives go first,
   * then the middle of the longest log. Runs that ended less than ten minutes ago are no archives
   * yet. @default 268_435_456
   */
  maxBytes?: number;
  /** Earlier runs that are kept. @default 10 */
  keepRuns?: number;
  /** Days that an earlier run is kept. @default 7 */
  keepDays?: number;
}

/** What to copy, and how. Every field has a default. */
export interface EnvironmentOptions {
  /**
   * Compose files, relative to `cwd`, in the order of `docker compose -f`.
   * @default the one file found in `cwd` or `cwd/compose`: `docker-compose.test.yml` and the like
   * (`DOCKER_ENV=test|dev|prod` picks), else `compose.yaml` and the like with its override file.
   */
  compose?: string | readonly string[];
  /** Folder that relative paths start from. @default process.cwd() */
  cwd?: string;
  /** Compose profiles to switch on. @default none */
  profiles?: readonly string[];
  /** Start these services and what they depend on. @default all of the active profiles */
  services?: readonly string[];
  /** Variables for the interpolation of the compose files, on top of the process's own. @default {} */
  env?: Readonly<Record<string, string>>;
  /** @default "dedicated", or "production" with DOCKER_ENV=prod or USE_PRODUCTION_IMAGES=1 */
  kind?: EnvironmentKind;
  /** Readable prefix of the environment's name. @default COMPOSE_PROJECT_NAME, else the stack's own name */
  name?: string;
  /** When to build the images of services with a `build` section. @default "missing"; "never" for production */
  build?: "missing" | "always" | "never";
  /** Start an engine that is installed but stopped. @default true */
  startEngine?: boolean;
  /** Longest time from created to ready, in milliseconds; builds and pulls have their own. @default 60_000 */
  timeoutMs?: number;
  /** Longest time for pulling the images that the engine does not have, in milliseconds. @default 900_000 */
  pullTimeoutMs?: number;
  /**
   * Makes a lease the environment's owner instead of this process: it outlives the process, and
   * lives so many milliseconds unless renewed. @default 3_600_000 for kind "shared", else no lease
   */
  leaseMs?: number;
  /** HTTP paths that decide a service's health in reports, by service: `{ backend: "/health" }`. @default {} */
  endpoints?: Readonly<Record<string, string>>;
  /**
   * Memory that each container of a service may use, where the file sets no limit: `{ backend: "512m" }`;
   * false for no limit. @default 512m for PostgreSQL, 256m for Redis, 1g for ClickHouse, else none
   */
  memory?: Readonly<Record<string, string | false>>;
  /**
   * What to do while the limits of this environment do not fit into the engine's memory beside
   * those of the others: wait for room, first come, first served; refuse
   * (REAL_SERVICES_NO_MEMORY); or not look at all. @default "wait"
   */
  memoryQueue?: "wait" | "refuse" | "off";
  /** Longest wait for memory, in milliseconds. @default 600_000 */
  memoryTimeoutMs?: number;
  /**
   * How a release ends the services: killed at once, or stopped in the reverse order of their
   * dependencies, each with its own `stop_grace_period`, for those that have to flush. @default "kill"
   */
  stop?: "kill" | "graceful";
  /**
   * When a service is ready, by service, instead of its health check and ports: a wait strategy of
   * testcontainers, `{ backend: Wait.forLogMessage("listening") }`. @default {}
   */
  waitFor?: Readonly<Record<string, WaitStrategy>>;
  /**
   * Address of the engine's host that ports are published on. @default "127.0.0.1"; where the
   * engine is on another machine "0.0.0.0"; inside a container of the engine its gateway
   */
  bindAddress?: string;
  /** Name or address by which tests reach the published ports. @default follows `bindAddress` */
  host?: string;
  /** Container ports to publish although the file does not, by service: `{ backend: [9229] }`. @default {} */
  publish?: Readonly<Record<string, readonly number[]>>;
  /** Lets containers reach the test process as `host.docker.internal`. @default false */
  hostAccess?: boolean;
  /** Accept `include` and `extends` from other machines: they are code. @default false */
  allowRemoteIncludes?: boolean;
  /**
   * Where the logs of all containers are kept, from their first line on, and how much of them; false
   * keeps none. @default all fields at their defaults
   */
  logs?: LogOptions | false;
  /** Which shard of how many; goes into the name and the labels. @default none */
  shard?: { readonly index: number; readonly count: number };
  /**
   * Ends every wait and every engine call. An acquire that it ends leaves nothing; an environment
   * that was handed out is still to be released.
   */
  signal?: AbortSignal;
}

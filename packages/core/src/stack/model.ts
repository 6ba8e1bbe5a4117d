/**
 * Compose's canonical model, as `docker compose config --format json` prints it. Only what
 * isolation reads or writes is typed; everything else passes through untouched.
 */
export interface ComposeModel {
  readonly name?: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks?: Readonly<Record<string, ComposeNetwork | null>>;
  readonly volumes?: Readonly<Record<string, ComposeVolume | null>>;
  readonly [key: string]: unknown;
}

export interface ComposeService {
  readonly image?: string;
  readonly build?: unknown;
  readonly container_name?: string;
  readonly command?: readonly string[] | null;
  readonly entrypoint?: readonly string[] | null;
  readonly ports?: readonly ComposePort[];
  readonly networks?: Readonly<Record<string, ComposeAttachment | null>>;
  readonly network_mode?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly depends_on?: Readonly<Record<string, ComposeDependency>>;
  readonly healthcheck?: ComposeHealthCheck;
  readonly restart?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly volumes?: readonly ComposeMount[];
  readonly profiles?: readonly string[];
  readonly pull_policy?: string;
  readonly stop_grace_period?: string;
  readonly scale?: number;
  readonly mem_limit?: string;
  readonly deploy?: {
    readonly replicas?: number;
    readonly resources?: {
      readonly limits?: { readonly memory?: string; readonly [key: string]: unknown };
      readonly [key: string]: unknown;
    };
    readonly restart_policy?: { readonly condition?: string; readonly [key: string]: unknown };
    readonly [key: string]: unknown;
  };
  readonly logging?: {
    readonly driver?: string;
    readonly options?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly extra_hosts?: readonly string[];
  readonly [key: string]: unknown;
}

export interface ComposePort {
  readonly target: number;
  /** A number, a range such as `8000-8010`, or absent when the engine may choose. */
  readonly published?: string;
  readonly protocol?: string;
  readonly host_ip?: string;
  readonly [key: string]: unknown;
}

export interface ComposeAttachment {
  readonly aliases?: readonly string[];
  readonly [key: string]: unknown;
}

export interface ComposeNetwork {
  readonly name?: string;
  readonly external?: boolean;
  readonly driver?: string;
  readonly driver_opts?: Readonly<Record<string, string>>;
  readonly ipam?: {
    readonly config?: readonly ComposeIpamConfig[];
    readonly [key: string]: unknown;
  };
  readonly labels?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

export interface ComposeIpamConfig {
  readonly subnet?: string;
  readonly gateway?: string;
  readonly ip_range?: string;
  readonly aux_addresses?: Readonly<Record<string, string>>;
}

export interface ComposeVolume {
  readonly name?: string;
  readonly external?: boolean;
  readonly driver_opts?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

export interface ComposeMount {
  readonly type: string;
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly bind?: { readonly create_host_path?: boolean; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

export interface ComposeDependency {
  readonly condition: "service_started" | "service_healthy" | "service_completed_successfully";
  readonly required?: boolean;
  readonly restart?: boolean;
}

export interface ComposeHealthCheck {
  readonly test?: readonly string[];
  readonly disable?: boolean;
  readonly interval?: string;
  readonly timeout?: string;
  readonly retries?: number;
  readonly start_period?: string;
  readonly start_interval?: string;
}

import type { PostMortem } from "./startup/post-mortem.ts";

/** What can go wrong, by meaning. Stable: callers may switch on it. */
export type ErrorCode =
  | "REAL_SERVICES_INVALID_OPTION"
  | "REAL_SERVICES_NO_COMPOSE_FILE"
  | "REAL_SERVICES_AMBIGUOUS_COMPOSE_FILE"
  | "REAL_SERVICES_INVALID_COMPOSE_FILE"
  | "REAL_SERVICES_COMPOSE_FILE_TOO_LARGE"
  | "REAL_SERVICES_REMOTE_INCLUDE"
  | "REAL_SERVICES_UNKNOWN_SERVICE"
  | "REAL_SERVICES_NO_CLIENT"
  | "REAL_SERVICES_NOT_ISOLABLE"
  | "REAL_SERVICES_NO_ENGINE"
  | "REAL_SERVICES_NO_COMPOSE"
  | "REAL_SERVICES_ENGINE_FAILED"
  | "REAL_SERVICES_IMAGE_UNAVAILABLE"
  | "REAL_SERVICES_BUILD_FAILED"
  | "REAL_SERVICES_PORTS_EXHAUSTED"
  | "REAL_SERVICES_NO_MEMORY"
  | "REAL_SERVICES_CONFLICT"
  | "REAL_SERVICES_SERVICE_EXITED"
  | "REAL_SERVICES_SERVICE_UNHEALTHY"
  | "REAL_SERVICES_TIMEOUT"
  | "REAL_SERVICES_PREPARE_FAILED"
  | "REAL_SERVICES_UNKNOWN_ENVIRONMENT"
  | "REAL_SERVICES_AMBIGUOUS_ENVIRONMENT"
  | "REAL_SERVICES_OWNER_ALIVE"
  | "REAL_SERVICES_RELEASE_INCOMPLETE"
  | "REAL_SERVICES_ABORTED";

export interface ErrorDetails {
  /** What was given: the option's value, the file's name, the engine's own words. */
  received?: unknown;
  /** What the reader can do next: one sentence or one command. */
  hint?: string;
  /** The services that failed, for errors of starting. */
  postMortems?: readonly PostMortem[];
  cause?: unknown;
}

/** The one error class of the product. `message` says what happened, `hint` what to do next. */
export class RealServicesError extends Error {
  override readonly name = "RealServicesError";
  readonly code: ErrorCode;
  readonly received: unknown;
  readonly hint: string | undefined;
  readonly postMortems: readonly PostMortem[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.received = details.received;
    this.hint = details.hint;
    this.postMortems = details.postMortems ?? [];
  }
}

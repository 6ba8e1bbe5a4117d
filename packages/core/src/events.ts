import type { PullProgress } from "./engine/pull-progress.ts";
import type { EnvironmentState, StartProfile, SweepDecision } from "./environment.ts";
import type { PostMortem } from "./startup/post-mortem.ts";

/** Everything that happens, as plain data. `core` emits, others render. Times are milliseconds. */
export type LifecycleEvent =
  | { readonly type: "engine:starting"; readonly how: string }
  | {
      readonly type: "engine:found";
      readonly endpoint: string;
      readonly engineVersion: string;
    }
  | {
      readonly type: "environment:state";
      readonly environment: string;
      readonly from: EnvironmentState;
      readonly to: EnvironmentState;
    }
  /** What could not be isolated, was changed, or has to be known; each once per environment. */
  | {
      readonly type: "warning";
      readonly environment: string;
      readonly service?: string;
      readonly message: string;
    }
  /** Another process builds the same; its result is waited for and used. */
  | {
      readonly type: "image:waiting";
      readonly environment: string;
      readonly services: readonly string[];
    }
  | {
      readonly type: "image:building";
      readonly environment: string;
      readonly services: readonly string[];
    }
  | {
      readonly type: "image:built";
      readonly environment: string;
      readonly services: readonly string[];
      readonly durationMs: number;
    }
  | {
      readonly type: "image:pulling";
      readonly environment: string;
      readonly images: readonly string[];
    }
  /** How far the pull of one image is; bytes only as far as the registry has told them. */
  | ({
      readonly type: "image:progress";
      readonly environment: string;
      readonly image: string;
    } & PullProgress)
  | {
      readonly type: "image:pulled";
      readonly environment: string;
      readonly images: readonly string[];
      readonly durationMs: number;
    }
  /** Its limits do not fit beside what others hold, or others came first. Amounts in bytes. */
  | {
      readonly type: "memory:waiting";
      readonly environment: string;
      readonly bytes: number;
      readonly free: number;
      readonly capacity: number;
      readonly holders: readonly { readonly environment: string; readonly bytes: number }[];
    }
  /**
   * The services of the environment in the order of the file, before anything is created; or those
   * that are to be started anew.
   */
  | {
      readonly type: "services:planned";
      readonly environment: string;
      /** The name that it was to have first, and that somebody else had taken. */
      readonly replaces?: string;
      readonly services: readonly string[];
    }
  | {
      readonly type: "service:started";
      readonly environment: string;
      readonly service: string;
      readonly sinceAcquireMs: number;
    }
  /** It is restarted after these, on which it depends with `restart: true`. */
  | {
      readonly type: "service:follows";
      readonly environment: string;
      readonly service: string;
      readonly after: readonly string[];
    }
  | {
      readonly type: "service:ready";
      readonly environment: string;
      readonly service: string;
      readonly sinceAcquireMs: number;
      readonly completed: boolean;
    }
  /** It cannot become ready; the start fails, unless a warning says that nothing requires it. */
  | {
      readonly type: "service:failed";
      readonly environment: string;
      readonly service: string;
      readonly postMortem: PostMortem;
    }
  /** A named, transient conflict that was worked around. */
  | {
      readonly type: "conflict";
      readonly environment: string;
      readonly service?: string;
      readonly message: string;
      readonly attempt: number;
    }
  | {
      readonly type: "environment:ready";
      readonly environment: string;
      readonly sinceAcquireMs: number;
      readonly profile: StartProfile;
    }
  /** Instead of being started: somebody left it on a lease, now renewed until then, ISO 8601. */
  | {
      readonly type: "environment:adopted";
      readonly environment: string;
      readonly until: string;
    }
  /** With `stop: "graceful"`: it did not end within its grace period. */
  | {
      readonly type: "service:force-killed";
      readonly environment: string;
      readonly service: string;
      readonly graceMs: number;
    }
  | {
      readonly type: "environment:released";
      readonly environment: string;
      readonly durationMs: number;
    }
  | { readonly type: "sweep"; readonly decision: SweepDecision };

export type LifecycleListener = (event: LifecycleEvent) => void;

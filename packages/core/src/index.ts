export type * from "./environment.ts";
export { type ErrorCode, type ErrorDetails, RealServicesError } from "./errors.ts";
export type { LifecycleEvent, LifecycleListener } from "./events.ts";
export {
  EnvironmentManager,
  getDefaultManager,
  type ReleaseOptions,
  type SweepOptions,
} from "./manager.ts";
export type { EnvironmentOptions, LogOptions } from "./options.ts";
export type { PostMortem } from "./startup/post-mortem.ts";

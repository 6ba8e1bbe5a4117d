export type { DoctorReport, Finding } from "./doctor/finding.ts";
export type * from "./environment.ts";
export { type ErrorCode, type ErrorDetails, RealServicesError } from "./errors.ts";
export type { LifecycleEvent, LifecycleListener } from "./events.ts";
export type * from "./logs/log-shapes.ts";
export { EnvironmentManager, getDefaultManager } from "./manager.ts";
export type {
  HealthOptions,
  ReleaseOptions,
  RestartOptions,
  SweepOptions,
  WaitOptions,
} from "./manager-options.ts";
export type { NetworkCheck, NetworkStep } from "./operations/check-network.ts";
export type { DiskUse } from "./operations/disk-use.ts";
export type { FoundEnvironment, OperationOptions } from "./operations/found-environment.ts";
export type { LogOptions as LogReadOptions } from "./operations/read-logs.ts";
export type { RecoveryReport, RecoveryStep } from "./operations/recover-service.ts";
export type { ContainerView, ServiceAccount } from "./operations/service-account.ts";
export type { Usage } from "./operations/usage.ts";
export type { EnvironmentOptions, LogOptions } from "./options.ts";
export { unknownEnvironment } from "./ownership/choose-environment.ts";
export { unknownService } from "./stack/select-services.ts";
export type { PostMortem } from "./startup/post-mortem.ts";

import type { EnvironmentOptions } from "@real-services/core";
import type { TestProject } from "vitest/node";
import type { RealServicesOptions } from "../options.ts";

/** The plugin's options in the words of core. */
export function environmentOptions(
  options: RealServicesOptions,
  project: TestProject,
  services: readonly string[] | undefined,
): EnvironmentOptions {
  const { shard } = project.vitest.config;
  return definedOnly({
    compose: options.compose,
    cwd: project.config.root,
    profiles: options.profiles,
    services: services ?? options.services,
    env: options.composeEnv,
    kind: options.kind,
    name: options.name,
    adopt: options.adopt ?? true,
    build: options.build,
    startEngine: options.startEngine,
    timeoutMs: options.timeout,
    pullTimeoutMs: options.pullTimeout,
    endpoints: options.endpoints,
    bindAddress: options.bindAddress,
    host: options.host,
    publish: options.publish,
    memory: options.memory,
    memoryQueue: options.memoryQueue,
    memoryTimeoutMs: options.memoryTimeoutMs,
    stop: options.stop,
    waitFor: options.waitFor,
    hostAccess: options.hostAccess,
    logs: options.logs,
    allowRemoteIncludes: options.allowRemoteIncludes,
    shard: shard === undefined ? undefined : { index: shard.index, count: shard.count },
  });
}

/**
 * What has to be equal for two projects to share an environment. A `prepare` is compared by its
 * source: each project of a `projects` list may evaluate the configuration anew, and then the same
 * function is another object.
 */
export function sharingKey(
  hash: string,
  settings: EnvironmentOptions,
  options: RealServicesOptions,
): string {
  const { compose: _compose, cwd: _cwd, ...rest } = settings;
  return JSON.stringify([hash, rest, options.prepare?.toString() ?? null]);
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function definedOnly<T extends object>(values: T): Defined<T> {
  const kept: Defined<T> = {};
  for (const key in values) {
    const value = values[key];
    if (value !== undefined) Object.assign(kept, { [key]: value });
  }
  return kept;
}

import { relative } from "node:path";
import type { Environment, EnvironmentManager, EnvironmentOptions } from "@real-services/core";
import { RealServicesError } from "@real-services/core";
import type { PrepareContext, RealServicesOptions } from "../options.ts";
import type { Keep } from "../switch.ts";
import { KnownServices } from "./known-services.ts";
import { placeOf } from "./place.ts";

const KEEP_MS = 3_600_000;

/** How an environment ended: gone, or left to a lease. */
export type Ending = { readonly kept: false } | { readonly kept: true; readonly until: string };

/** One environment for all projects with the same stack, from acquire to release. */
export class SharedEnvironment {
  readonly #manager: EnvironmentManager;
  readonly #options: EnvironmentOptions;
  readonly #keep: Keep;
  #acquired: Promise<Environment> | undefined;
  #prepared: Promise<void> | undefined;
  #preparingMs: number | undefined;
  #failure: unknown;
  #ended: Promise<Ending | undefined> | undefined;

  constructor(manager: EnvironmentManager, options: EnvironmentOptions, keep: Keep) {
    this.#manager = manager;
    this.#options = options;
    this.#keep = keep;
  }

  /** When `prepare` began, in milliseconds since the epoch. */
  get preparingMs(): number | undefined {
    return this.#preparingMs;
  }

  /** Why its services did not become ready, or could not be prepared. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Ready to serve. Every caller gets the same environment. */
  async ready(): Promise<Environment> {
    this.#acquired ??= this.#manager.acquireEnvironment(this.#options);
    return this.#noting(this.#waited(this.#acquired));
  }

  /** Runs `prepare`, once for all projects. */
  prepare(
    prepare: NonNullable<RealServicesOptions["prepare"]>,
    context: PrepareContext,
  ): Promise<void> {
    this.#prepared ??= this.#noting(this.#prepare(prepare, context));
    return this.#prepared;
  }

  /** Undefined when there was nothing to end. Called again it does nothing more. */
  end({ failed }: { readonly failed: boolean }): Promise<Ending | undefined> {
    this.#ended ??= this.#end(failed && this.#keep === "on-failure");
    return this.#ended;
  }

  /** The environment, if it was acquired. */
  async acquired(): Promise<Environment | undefined> {
    return this.#acquired?.catch(() => undefined);
  }

  async #waited(acquired: Promise<Environment>): Promise<Environment> {
    const environment = await acquired;
    await this.#manager.waitForServices({ environment: environment.name });
    return environment;
  }

  async #noting<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  async #prepare(
    prepare: NonNullable<RealServicesOptions["prepare"]>,
    context: PrepareContext,
  ): Promise<void> {
    const known = new KnownServices("prepare", context.services);
    this.#preparingMs = Date.now();
    try {
      await prepare({ ...context, services: known.services });
    } catch (cause) {
      const unknown = known.explain(cause);
      if (unknown !== undefined) throw unknown;
      throw new RealServicesError(
        "REAL_SERVICES_PREPARE_FAILED",
        `The option \`prepare\` failed${placeOf(cause)}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause, hint: await this.#describeServices(context.name) },
      );
    }
  }

  async #describeServices(name: string): Promise<string> {
    const report = await this.#manager.getHealthReport({ environment: name });
    const services = report.environments.flatMap(({ services }) => services);
    const states = services.map(({ name, status, health }) => `${name} ${status}, ${health}`);
    const { logFolder } = (await this.acquired()) ?? {};
    const logs =
      logFolder === undefined ? "" : ` Their logs: ${relative(process.cwd(), logFolder)}`;
    return `Correct it; the services are up: ${states.join("; ")}.${logs}`;
  }

  async #end(keep: boolean): Promise<Ending | undefined> {
    const environment = await this.acquired();
    if (environment === undefined) return undefined;
    if (keep) {
      const { until } = await this.#manager.leaseEnvironment(environment.name, {
        leaseMs: KEEP_MS,
      });
      return { kept: true, until };
    }
    await this.#manager.releaseEnvironment(environment.name);
    return { kept: false };
  }
}

import { relative } from "node:path";
import { EnvironmentManager } from "@real-services/core";
import {
  createProgress,
  type Progress,
  ServiceLogReporter,
  type ServiceLogReporterOptions,
} from "@real-services/reporter";
import type { TestProject, Vitest } from "vitest/node";
import { present } from "../present.ts";
import type { SelectedProject } from "../selection/select-projects.ts";
import { guardSignals } from "../signals.ts";
import type { Switch } from "../switch.ts";
import { ExposedVariables } from "./exposed-variables.ts";
import { failFiles } from "./fail-files.ts";
import { describeKept, keepPolicy } from "./keep.ts";
import { planEnvironments, type Wanted } from "./plan-environments.ts";
import { quietFailure } from "./quiet-failure.ts";
import { mergeLogs, readLogs } from "./read-logs.ts";
import { reportStart } from "./report-start.ts";
import { SharedEnvironment } from "./shared-environment.ts";
import { completeServices, resolveVariables } from "./variables.ts";
import { watchLogs } from "./watch-logs.ts";

/** Vitest's watch mode cuts a teardown off after 10 s; a CI runner sends SIGTERM 7.5 s after SIGINT. */
const HURRIED_MS = 7_000;
/** In which what could not be removed is still told. */
const TOLD_MS = 250;
/** In a plain run nobody is in a hurry, but nothing may hang either. */
const PATIENT_MS = 60_000;

/** The environments of one Vitest instance: started when first needed, released when it closes. */
export class Session {
  /** To be told of the run. */
  readonly logs: ServiceLogReporter;
  readonly #vitest: Vitest;
  readonly #switch: Switch;
  readonly #manager = new EnvironmentManager();
  readonly #progress: Progress = createProgress();
  readonly #interrupted = new AbortController();
  /** Ends every removal that a signal found under way, or began. */
  readonly #outOfTime = Promise.withResolvers<never>();
  readonly #variables = new ExposedVariables();
  readonly #environments = new Map<string, SharedEnvironment>();
  readonly #served = new Set<TestProject>();
  readonly #unguard: () => void;
  readonly #beganMs = Date.now();
  #closed: Promise<void> | undefined;

  constructor(vitest: Vitest, on: Switch, options: ServiceLogReporterOptions) {
    this.#vitest = vitest;
    this.#switch = on;
    const mask = (text: string, environment: string): string =>
      this.#manager.maskSecrets(text, { environment });
    this.logs = new ServiceLogReporter({ ...options, mask });
    this.logs.onInit(vitest);
    this.#manager.subscribe(this.#progress.listener);
    this.#manager.subscribe(this.logs.listener);
    const deadlineMs = HURRIED_MS + TOLD_MS;
    this.#unguard = guardSignals({ deadlineMs, cleanUp: () => this.#interrupt() });
  }

  /**
   * Gives every selected project its services. In a run, a failure is shown and ends the run; in
   * watch mode it is shown, fails the files that need services, and the next run tries again.
   */
  async start(
    selected: readonly SelectedProject[],
    { alone }: { readonly alone: boolean },
  ): Promise<void> {
    const unserved = selected.filter(({ project }) => !this.#served.has(project));
    // When one cannot start, the others need not go on.
    const group = new AbortController();
    const begun = new Map<string, SharedEnvironment>();
    try {
      const asked = this.#switch.services;
      const plan = await planEnvironments(unserved, { manager: this.#manager, asked, alone });
      for (const { key, settings, options } of plan) {
        if (this.#environments.has(key)) continue;
        const signal = AbortSignal.any([group.signal, this.#interrupted.signal]);
        const keep = keepPolicy(options.keep);
        const environment = new SharedEnvironment(this.#manager, { ...settings, signal }, keep);
        this.#environments.set(key, environment);
        begun.set(key, environment);
      }
      await Promise.all([...begun.values()].map((environment) => environment.ready()));
      for (const wanted of plan) await this.#serve(wanted);
      this.#progress.done();
    } catch (error) {
      group.abort(error);
      this.#progress.done();
      // The clean-up that follows a signal ends the process, and knows why.
      if (this.#interrupted.signal.aborted) return new Promise(() => {});
      const environments = [...begun.values()];
      await this.#tell(error, environments);
      for (const key of begun.keys()) this.#environments.delete(key);
      await this.#end(environments, true);
      if (this.#vitest.config.watch !== true) throw await quietFailure(error);
      failFiles(unserved, error);
    }
  }

  /** Whether a signal ends the run. */
  get isInterrupted(): boolean {
    return this.#interrupted.signal.aborted;
  }

  /** Releases or keeps every environment, within a deadline. Safe to call again. */
  close(failed: boolean): Promise<void> {
    this.#closed ??= this.#end([...this.#environments.values()], failed).finally(() => {
      this.#variables.restore();
      this.#unguard();
    });
    return this.#closed;
  }

  /** Why the start failed, with what services wrote and the place of its report. */
  async #tell(error: unknown, environments: readonly SharedEnvironment[]): Promise<void> {
    const manager = this.#manager;
    const slices = await readLogs(error, manager, { environments, beganMs: this.#beganMs });
    const { version } = this.#vitest;
    const files = await reportStart(error, { manager, environments, slices, version });
    const reports = files.map((file) => relative(process.cwd(), file));
    this.#progress.print(`\n${present(error, { slice: mergeLogs(slices), reports })}\n`);
  }

  async #serve({ key, project, options, stack }: Wanted): Promise<void> {
    const environment = this.#environments.get(key);
    if (environment === undefined) return;
    const { name, services: running, logFolder } = await environment.ready();
    const services = completeServices(running, stack);
    const isSubset = this.#switch.services !== undefined;
    const env = await resolveVariables(options.env, services, isSubset);
    this.#variables.expose(env);
    if (options.prepare !== undefined) {
      await environment.prepare(options.prepare, { name, services, env });
    }
    project.config.env = { ...project.config.env, ...env };
    project.provide("realServices", { name, services: { ...running }, env, logFolder });
    if (logFolder !== undefined) watchLogs(project, options.failOn);
    this.#served.add(project);
  }

  #interrupt(): Promise<void> {
    this.#progress.done();
    this.#progress.print("\nreal-services  interrupted, removing what was started");
    // At a terminal workers have the signal as well: that they died of it is no news.
    this.#vitest.logger.printUnhandledErrors = () => {};
    this.#interrupted.abort(new Error("Interrupted."));
    const timer = setTimeout(() => this.#outOfTime.reject(tooSlow(HURRIED_MS)), HURRIED_MS);
    return this.close(false).finally(() => clearTimeout(timer));
  }

  /** A failure to clean up is told and fails the run; it never hides the run's own result. */
  async #end(environments: readonly SharedEnvironment[], failed: boolean): Promise<void> {
    const deadlineMs = this.#vitest.config.watch === true ? HURRIED_MS : PATIENT_MS;
    const own = Promise.withResolvers<never>();
    const timer = setTimeout(() => own.reject(tooSlow(deadlineMs)), deadlineMs);
    const deadline = Promise.race([own.promise, this.#outOfTime.promise]);
    deadline.catch(() => {});
    const ends = environments.map(async (environment) => {
      const ending = await environment.end({ failed });
      const acquired = await environment.acquired();
      if (ending?.kept !== true || acquired === undefined) return;
      this.#progress.print(`\n${describeKept(acquired, ending.until)}\n`);
    });
    const results = await Promise.allSettled(ends.map((end) => Promise.race([end, deadline])));
    clearTimeout(timer);
    const failures = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason] : [],
    );
    // All that run out of time do so at once.
    for (const failure of new Set(failures)) {
      this.#progress.print(`\n${present(failure)}\n`);
      process.exitCode ||= 1;
    }
  }
}

function tooSlow(deadlineMs: number): Error {
  return new Error(
    `What was started could not be removed within ${deadlineMs / 1_000} s; its watchdog goes on when this process has ended. Should anything be left, run \`npx docker-manual clean\`.`,
  );
}

import { appendFile } from "node:fs/promises";
import type { LifecycleEvent } from "@real-services/core";
import type {
  Reporter,
  TestCase,
  TestModule,
  TestProject,
  TestRunEndReason,
  TestSpecification,
  Vitest,
} from "vitest/node";
import type { FailureReport, ServiceFailure } from "../logs/failure.ts";
import { renderGroups, renderJobSummary } from "../logs/github.ts";
import { renderEnvironments, renderFailure, renderTitledFailure } from "../logs/render-failure.ts";
import { paintFor } from "../paint.ts";
import { type Ready, summarizeEnvironment, writeReport } from "./environment-summary.ts";
import { type CollectedFailure, FailureCollector } from "./failure-collector.ts";
import { type ProvidedEnvironment, providedEnvironment } from "./provided-environment.ts";
import { describeRun, type EndedRun, type RunFailure, runFailure } from "./run-failure.ts";
import { type Annotation, addAnnotation, addOutput, get, reportersOf } from "./task.ts";

export interface ServiceLogReporterOptions {
  /** Lines of each service under a failed test; errors are shown beyond it. @default 20 */
  maxLines?: number;
  /**
   * Called once at the end of a run in which something failed, with all that is known, as plain
   * data: for CI systems that nobody here has heard of. Awaited.
   *
   * @example
   * onFailure: (report) => writeFile("service-logs.json", JSON.stringify(report))
   */
  onFailure?: (report: FailureReport) => unknown;
  /** Files whose failures are of interest. @default those of all projects that have services */
  includes?: (module: TestModule) => boolean;
  /**
   * Hides more of a line than what looks secret by its form, and passwords of the `url`s of services.
   * @default nothing more
   */
  mask?: (text: string, environment: string) => string;
}

/** The heading under which reporters of Vitest show what we add to a test. */
const TYPE = "service logs";
/** They write only the first line of an annotation in its place. */
const INDENTED = "\n     ";

/**
 * A reporter for Vitest: under each failed test what its services wrote meanwhile, and once per run
 * what died. It writes nothing of its own where another reporter shows annotations, and nothing at
 * all when all is green. Tests have services when `realServices` was provided to their project, with
 * `name` and `logFolder`; the plugin of `@real-services/vitest` does that, and adds this reporter.
 */
export class ServiceLogReporter implements Reporter {
  readonly #options: ServiceLogReporterOptions;
  readonly #ready = new Map<string, Ready>();
  readonly #queuedMs = new WeakMap<TestModule, number>();
  #vitest: Vitest | undefined;
  #collector: FailureCollector;
  #untold: ServiceFailure[] = [];
  #startedMs = Date.now();
  #began: number | undefined;
  #hasFiles = false;

  constructor(options: ServiceLogReporterOptions = {}) {
    this.#options = options;
    this.#collector = new FailureCollector(options.mask);
  }

  /** To be registered with `EnvironmentManager.subscribe`, for the times of services. */
  readonly listener = (event: LifecycleEvent): void => {
    if (event.type !== "service:ready") return;
    const ready = { sinceAcquireMs: event.sinceAcquireMs, atMs: Date.now() };
    this.#ready.set(`${event.environment}/${event.service}`, ready);
  };

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#hasFiles = specifications.length > 0;
    this.#startedMs = Date.now();
    this.#collector = new FailureCollector(this.#options.mask);
    this.#untold = [];
    this.#began = undefined;
  }

  onTestModuleQueued(module: TestModule): void {
    this.#began ??= Date.now();
    this.#queuedMs.set(module, Date.now());
  }

  /** Awaited by Vitest, so that what is added is there before others report the end. */
  async onTestModuleEnd(module: TestModule): Promise<void> {
    if (this.#options.includes?.(module) === false) return;
    const collected = await this.#collector.collect(module, {
      modules: this.#vitest?.state.getTestModules() ?? [],
      queuedMs: this.#queuedMs.get(module) ?? Date.now(),
    });
    for (const one of collected) await this.#attach(one);
  }

  async onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly unknown[],
    reason: TestRunEndReason,
  ): Promise<void> {
    // What has not ended by now, because its worker died, never will.
    for (const module of modules) await this.onTestModuleEnd(module);
    const failure = this.#runFailure({ modules, errors, reason });
    if (reason === "passed" && failure === undefined) return;
    const report = await this.#report(modules, failure);
    if (report.failures.length === 0 && !report.environments.some((one) => one.postMortem)) return;
    this.#print(report);
    await this.#summarizeJob(report);
    try {
      await this.#options.onFailure?.(report);
    } catch (error) {
      this.#write(`real-services  \`onFailure\` failed: ${error}`);
    }
  }

  async #attach({ failure, entity }: CollectedFailure): Promise<void> {
    Object.assign(entity.meta(), { realServices: failure });
    if (entity.type !== "test") {
      this.#untold.push(failure);
      return;
    }
    const message = renderFailure(failure, this.#rendering());
    const annotation = {
      type: TYPE,
      message: message.replaceAll("\n", INDENTED),
      ...locationOf(entity),
    };
    // In a blob it travels along: what the merged report shows is not said twice.
    const isBlobbed = this.#hasReporter(isBlob);
    const isShown =
      addAnnotation(entity, annotation) && (isBlobbed || this.#hasReporter(isTerminal));
    if (!isShown) this.#untold.push(failure);
    if (this.#hasReporter(showsOutput) && !isBlobbed) addOutput(entity, message);
    for (const other of reportersOf(this.#vitest)) {
      const hear = get(other, "onTestCaseAnnotate");
      if (other !== this && typeof hear === "function") {
        await Reflect.apply(hear, other, [entity, annotation]);
      }
    }
  }

  /** Undefined for a run that has none, or none of interest. */
  #runFailure({ modules, errors, reason }: Omit<EndedRun, "isShard">): RunFailure | undefined {
    const { config } = this.#vitest ?? {};
    // A merge replays what was told already.
    if (!this.#hasFiles || config?.mergeReports !== undefined) return undefined;
    const others = modules.filter((module) => this.#options.includes?.(module) === false);
    const isOurs = (error: unknown): boolean =>
      !others.some(({ moduleId }) => moduleId === get(error, "VITEST_TEST_PATH"));
    const own = config?.dangerouslyIgnoreUnhandledErrors === true ? [] : errors.filter(isOurs);
    const isShard = config?.shard !== undefined;
    return runFailure({ modules, errors: own, reason, isShard });
  }

  #environments(projects: Iterable<TestProject>): readonly ProvidedEnvironment[] {
    const environments = new Map<string, ProvidedEnvironment>();
    for (const project of projects) {
      const environment = providedEnvironment(project, this.#options.mask);
      if (environment !== undefined) environments.set(environment.name, environment);
    }
    return [...environments.values()];
  }

  async #report(
    modules: readonly TestModule[],
    failure: RunFailure | undefined,
  ): Promise<FailureReport> {
    const included = modules.filter((module) => this.#options.includes?.(module) !== false);
    const environments = this.#environments(
      // What no test explains may have to do with each of them.
      failure === undefined
        ? included.map(({ project }) => project)
        : (this.#vitest?.projects ?? []),
    );
    const startMs = this.#began ?? this.#startedMs;
    if (failure !== undefined) await this.#describeRun(failure, environments, startMs);
    const { failures } = this.#collector;
    const versions = { Vitest: this.#vitest?.version ?? "unknown" };
    const summaries = environments.map(async (environment) => {
      const ready = this.#readyIn(environment);
      const summary = await summarizeEnvironment(environment, startMs, ready);
      return writeReport(summary, failures, { versions, mask: environment.mask });
    });
    return {
      failures,
      omittedFailures: this.#collector.omitted,
      environments: await Promise.all(summaries),
    };
  }

  async #describeRun(
    failure: RunFailure,
    environments: readonly ProvidedEnvironment[],
    startMs: number,
  ): Promise<void> {
    const described = environments.map((environment) => {
      const ready = this.#readyIn(environment);
      const readyMs = (service: string): number => ready(service)?.atMs ?? startMs;
      return describeRun(failure, environment, { startMs, readyMs });
    });
    const failures = await Promise.all(described);
    this.#collector.failures.push(...failures);
    this.#untold.push(...failures);
  }

  #readyIn({ name }: ProvidedEnvironment): (service: string) => Ready | undefined {
    return (service) => this.#ready.get(`${name}/${service}`);
  }

  #print(report: FailureReport): void {
    const rendering = { ...this.#rendering(), paint: paintFor(process.stderr) };
    const parts: string[] = [];
    if (this.#untold.length > 0) {
      const untold = { ...report, failures: this.#untold };
      parts.push(
        isGitHub()
          ? renderGroups(untold, this.#rendering())
          : this.#untold.map((one) => renderTitledFailure(one, rendering)).join("\n\n"),
      );
    }
    if (report.omittedFailures > 0) {
      parts.push(`${report.omittedFailures} more failures are not shown here.`);
    }
    parts.push(renderEnvironments(report, rendering));
    this.#write(`\n${parts.filter((part) => part !== "").join("\n\n")}\n`);
  }

  async #summarizeJob(report: FailureReport): Promise<void> {
    const file = process.env["GITHUB_STEP_SUMMARY"];
    if (!isGitHub() || file === undefined || file === "") return;
    try {
      await appendFile(file, renderJobSummary(report, this.#rendering()));
    } catch (error) {
      this.#write(`real-services  the job summary could not be written: ${error}`);
    }
  }

  #rendering(): { maxLines?: number; cwd: string } {
    const { maxLines } = this.#options;
    const cwd = this.#vitest?.config.root ?? process.cwd();
    return maxLines === undefined ? { cwd } : { cwd, maxLines };
  }

  #hasReporter(is: (reporter: object) => boolean): boolean {
    return reportersOf(this.#vitest).some(is);
  }

  #write(text: string): void {
    if (this.#vitest === undefined) process.stderr.write(`${text}\n`);
    else this.#vitest.logger.error(text);
  }
}

/** The line of the test that failed: without it GitHub has no place for an annotation. */
function locationOf(test: TestCase): Pick<Annotation, "location"> {
  const frames = test.result().errors?.flatMap(({ stacks }) => stacks ?? []) ?? [];
  const frame = frames.find(({ file }) => file === test.module.moduleId);
  if (frame === undefined) return {};
  return { location: { file: frame.file, line: frame.line, column: frame.column } };
}

/** Shows annotations below the errors, as all that extend Vitest's own for terminals. */
function isTerminal(reporter: object): boolean {
  return typeof get(reporter, "printAnnotations") === "function";
}

/** Has a place for text of several lines, and makes one line of an annotation. */
function showsOutput(reporter: object): boolean {
  return ["JUnitReporter", "HTMLReporter"].includes(reporter.constructor.name);
}

function isBlob(reporter: object): boolean {
  return reporter.constructor.name === "BlobReporter";
}

function isGitHub(): boolean {
  return process.env["GITHUB_ACTIONS"] === "true";
}

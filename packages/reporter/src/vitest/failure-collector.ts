import { type LogSlice, readSlice } from "@real-services/core/logs";
import type { TestCase, TestModule, TestSuite } from "vitest/node";
import type { ServiceFailure } from "../logs/failure.ts";
import { safeSlice, safeText } from "../logs/safe-text.ts";
import { type FailedEntity, failedEntities } from "./failed-entities.ts";
import { mayOverlap } from "./may-overlap.ts";
import { writtenWithin } from "./own-time.ts";
import {
  type MaskOfEnvironment,
  type ProvidedEnvironment,
  providedEnvironment,
} from "./provided-environment.ts";
import { endOfLines, type OtherSpan, overlapping } from "./spans.ts";
import { get, type Span, spanOf } from "./task.ts";
import { sizeOf, untilQuiet } from "./until-quiet.ts";

/** Nobody reads more; each costs a look into files. */
const MAX_SLICES = 50;
/** Beyond that failures are only counted. */
const MAX_FAILURES = 250;

/** Lines that tell their own time are looked for that much longer. */
const STAMPED_LATE_MS = 1_000;

/** A failure with what it is about. */
export interface CollectedFailure {
  readonly failure: ServiceFailure;
  readonly entity: FailedEntity["entity"];
}

/** The failures of one run with what services did meanwhile. Bounded, however many fail. */
export class FailureCollector {
  readonly failures: ServiceFailure[] = [];
  omitted = 0;
  readonly #collected = new WeakSet<TestModule>();
  readonly #mask: MaskOfEnvironment | undefined;

  constructor(mask?: MaskOfEnvironment) {
    this.#mask = mask;
  }

  /** Those of a file that has ended; `modules` are all of the run. */
  async collect(
    module: TestModule,
    { modules, queuedMs }: { readonly modules: readonly TestModule[]; readonly queuedMs: number },
  ): Promise<readonly CollectedFailure[]> {
    if (this.#collected.has(module)) return [];
    this.#collected.add(module);
    const environment = providedEnvironment(module.project, this.#mask);
    if (environment === undefined) return [];
    const failed = failedEntities(module, queuedMs);
    const kept = failed.slice(0, Math.max(0, MAX_FAILURES - this.failures.length));
    this.omitted += failed.length - kept.length;
    const detailed = kept.slice(0, Math.max(0, MAX_SLICES - this.failures.length));
    const spans = detailed.length === 0 ? [] : entitySpans(modules, environment);
    const last = detailed.toSorted((a, b) => a.endMs - b.endMs).at(-1);
    if (last !== undefined) {
      const look = async () => sizeOf(await readSince(environment, last.startMs));
      await untilQuiet(look, last.endMs);
    }
    const collected: CollectedFailure[] = [];
    for (const [index, one] of kept.entries()) {
      const others = spans
        .filter(({ entity }) => entity !== one.entity)
        .map((span) => ({ ...span, mayOverlap: mayOverlap(one.entity, span.entity) }));
      const slice = index < detailed.length ? await sliceOf(environment, one, others) : undefined;
      const tests = others.filter(({ entity }) => entity.type === "test");
      const failure = describe(one, module, environment, slice, tests);
      this.failures.push(failure);
      collected.push({ failure, entity: one.entity });
    }
    return collected;
  }
}

interface EntitySpan extends Span {
  readonly name: string;
  readonly entity: TestModule | TestSuite | TestCase;
}
type OtherEntitySpan = EntitySpan & OtherSpan;

/** All tests, suites and files so far that use the environment. */
function entitySpans(
  modules: readonly TestModule[],
  { name }: ProvidedEnvironment,
): readonly EntitySpan[] {
  return modules
    .filter(({ project }) => providedEnvironment(project)?.name === name)
    .flatMap((module) => [module, ...module.children.allSuites(), ...module.children.allTests()])
    .flatMap((entity): EntitySpan[] => {
      const span = spanOf(entity);
      if (span === undefined) return [];
      if (entity.type === "module") return [{ ...span, entity, name: entity.relativeModuleId }];
      const file = entity.module.relativeModuleId;
      return [{ ...span, entity, name: `${file} > ${entity.fullName}` }];
    });
}

async function sliceOf(
  environment: ProvidedEnvironment,
  { startMs, ...rest }: FailedEntity,
  others: readonly OtherSpan[],
): Promise<LogSlice | undefined> {
  const toMs = endOfLines({ startMs, ...rest }, others, Date.now());
  const read = (until: number): Promise<LogSlice | undefined> =>
    readSlice(environment.logFolder, { fromMs: startMs, toMs: until }).catch(() => undefined);
  const wide = await read(toMs + STAMPED_LATE_MS);
  // Where lines are left out, those at the end may be of another test.
  const isWhole = wide?.services.every(({ omittedLines }) => omittedLines === 0) ?? false;
  const slice =
    wide !== undefined && isWhole ? writtenWithin(wide, startMs, toMs) : await read(toMs);
  // Without a name the folder is gone.
  if (slice === undefined || slice.environment === "") return undefined;
  return safeSlice(slice, environment.mask);
}

function describe(
  { kind, name, entity, startMs, endMs }: FailedEntity,
  module: TestModule,
  environment: ProvidedEnvironment,
  slice: LogSlice | undefined,
  others: readonly OtherEntitySpan[],
): ServiceFailure {
  const project = module.project.name;
  return {
    kind,
    name,
    message: safeText(firstMessage(entity), environment.mask),
    file: module.moduleId,
    project,
    startMs,
    endMs,
    tries: triesOf(entity),
    // Hooks of a suite have no tests beside them but those of other files.
    overlapping: overlapping(
      { startMs, endMs },
      kind === "test" ? others : others.filter((other) => get(other.entity, "module") !== module),
    ),
    slice,
    logFolder: environment.logFolder,
  };
}

function firstMessage(entity: FailedEntity["entity"]): string {
  const errors = entity.type === "test" ? entity.result().errors : entity.errors();
  return errors?.[0]?.message ?? "";
}

/** Vitest 4 does not tell when tries began. */
function triesOf(entity: FailedEntity["entity"]): readonly number[] {
  if (entity.type !== "test" || typeof get(entity, "attempts") !== "function") return [];
  const starts = entity.attempts().flatMap((attempt) => {
    const startTime = get(attempt, "startTime");
    return typeof startTime === "number" ? [startTime] : [];
  });
  return starts.length > 1 ? starts : [];
}

function readSince(
  { logFolder }: ProvidedEnvironment,
  fromMs: number,
): Promise<LogSlice | undefined> {
  const options = { fromMs, toMs: Date.now() + STAMPED_LATE_MS, maxLines: 2 };
  return readSlice(logFolder, options).catch(() => undefined);
}

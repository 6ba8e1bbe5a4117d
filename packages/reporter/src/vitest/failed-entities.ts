import type { TestCase, TestModule, TestSuite } from "vitest/node";
import { hooksSpan } from "./spans.ts";
import { type Span, spanOf } from "./task.ts";

/** Something that failed, and when it ran. */
export type FailedEntity = Span & { readonly name: string } & (
    | { readonly kind: "test"; readonly entity: TestCase }
    | { readonly kind: "suite"; readonly entity: TestSuite }
    | { readonly kind: "file"; readonly entity: TestModule }
  );

/** The failed tests of a file, and the suites whose hooks failed, the file itself among them. */
export function failedEntities(module: TestModule, queuedMs: number): readonly FailedEntity[] {
  const failed: FailedEntity[] = [];
  for (const entity of module.children.allTests("failed")) {
    const span = spanOf(entity);
    if (span !== undefined) failed.push({ kind: "test", name: entity.fullName, entity, ...span });
  }
  for (const entity of module.children.allSuites()) {
    const span = spanOf(entity);
    if (span === undefined || entity.errors().length === 0) continue;
    failed.push({
      kind: "suite",
      name: entity.fullName,
      entity,
      ...hooksSpan(span, testSpans(entity)),
    });
  }
  if (module.errors().length > 0) {
    const span = spanOf(module) ?? loadSpan(module, queuedMs);
    failed.push({
      kind: "file",
      name: module.relativeModuleId,
      entity: module,
      ...hooksSpan(span, testSpans(module)),
    });
  }
  return failed;
}

/** Workers send what they know in batches, about this far apart. */
const BATCH_MS = 200;

/** A file that could not be loaded never ran, and is told of when it is over. */
function loadSpan(module: TestModule, queuedMs: number): Span {
  const { environmentSetupDuration, prepareDuration, setupDuration, collectDuration } =
    module.diagnostic();
  const endMs = Date.now();
  const tookMs = environmentSetupDuration + prepareDuration + setupDuration + collectDuration;
  return { startMs: Math.min(queuedMs, endMs - tookMs - BATCH_MS), endMs };
}

function testSpans(parent: TestModule | TestSuite): readonly Span[] {
  // What was skipped because of a hook has no duration.
  return [...parent.children.allTests()]
    .filter((test) => test.diagnostic() !== undefined)
    .flatMap((test) => spanOf(test) ?? []);
}

import type { TestCase, TestModule, TestSuite } from "vitest/node";

type Entity = TestCase | TestModule | TestSuite;

/**
 * Whether two of a run may run at the same time: those of different files may, those of one file
 * only where both ways down from what they share are concurrent.
 */
export function mayOverlap(one: Entity, other: Entity): boolean {
  const [mine, theirs] = [pathTo(one), pathTo(other)];
  const fork = mine.findIndex((entity, depth) => entity !== theirs[depth]);
  const [first, second] = [mine[fork], theirs[fork]];
  // The same, or one within the other; and files.
  if (first === undefined || second === undefined || fork === 0) return true;
  return isConcurrent(first) && isConcurrent(second);
}

/** From the file down to the entity itself. */
function pathTo(entity: Entity): readonly Entity[] {
  return entity.type === "module" ? [entity] : [...pathTo(entity.parent), entity];
}

function isConcurrent(entity: Entity): boolean {
  return entity.type !== "module" && entity.options.concurrent === true;
}

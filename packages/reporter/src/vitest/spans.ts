import type { Span } from "./task.ts";

/** Beside a test: what else ran, and when. */
export interface OtherSpan extends Span {
  /** False for what was over before the test began, or began when it was over. */
  readonly mayOverlap: boolean;
}

/** Vitest notes whole milliseconds: what only touches may seem to share one or two. */
const ROUNDED_MS = 2;
/** The engine stamps a line a little after it was written. */
const LATE_MS = 50;

/**
 * Until when lines may be a test's: a little longer than it ran, unless another began before.
 *
 * Vitest reads one clock for the start of a test and another for its duration. When the process had
 * to wait in between, the end of a test seems to lie behind the start of the next one.
 */
export function endOfLines(test: Span, others: readonly OtherSpan[], now: number): number {
  const next = others
    .filter(({ startMs, mayOverlap }) => !mayOverlap || startMs >= test.endMs - ROUNDED_MS)
    .filter(({ startMs }) => startMs > test.startMs)
    .reduce((first, { startMs }) => Math.min(first, startMs), test.endMs + LATE_MS);
  return Math.min(next, Math.max(now, test.endMs));
}

/** The names of the tests that ran at the same time, the first to begin first. */
export function overlapping(
  test: Span,
  others: readonly (OtherSpan & { readonly name: string })[],
): readonly string[] {
  return others
    .filter(
      ({ startMs, endMs, mayOverlap }) =>
        mayOverlap && startMs < test.endMs - ROUNDED_MS && endMs > test.startMs + ROUNDED_MS,
    )
    .toSorted((a, b) => a.startMs - b.startMs)
    .map(({ name }) => name);
}

/**
 * When hooks of a suite ran: before its first test when none ran, else after its last one, since
 * without `beforeAll` there would have been no test.
 */
export function hooksSpan(suite: Span, tests: readonly Span[]): Span {
  const last = tests.reduce((latest, { endMs }) => Math.max(latest, endMs), 0);
  return last === 0 ? suite : { startMs: Math.min(last, suite.endMs), endMs: suite.endMs };
}

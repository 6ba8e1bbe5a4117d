/** How far the engine's clock was ahead of this host's, in milliseconds, when it was measured. */
export interface ClockReading {
  readonly atMs: number;
  readonly offsetMs: number;
}

/** A span of time by the engine's clock; both ends belong to it. */
export interface EngineSpan {
  readonly from: string;
  readonly to: string;
  /** Milliseconds since the epoch, by the clock of this host, of a timestamp within. */
  readonly toHostMs: (timestamp: string) => number;
}

/** Clocks that drift do less between two readings: somebody has set one of them. */
const JUMP_MS = 1_000;
/** That long before it was noticed, on a busy machine, lines may have been stamped by the new time. */
const NOTICED_MS = 10_000;
/** What no date can hold is before or after everything. */
const MAX_MS = 253_402_300_799_000;

/**
 * A span of time by this host's clock in the engine's. More than one where the engine's clock was
 * set meanwhile: what it then names twice, or never, is told apart by when it was.
 *
 * @param readings in the order in which they were made
 */
export function toEngineSpans(
  readings: readonly ClockReading[],
  fromMs: number,
  toMs: number,
): readonly EngineSpan[] {
  const [from, to] = [bounded(fromMs), bounded(toMs)];
  const steady = withoutJumps(readings);
  const noticed = steady.map(([first], at) => (at === 0 ? 0 : (first?.atMs ?? 0)));
  return steady.flatMap((own, at) => {
    const first = Math.max(from, (noticed[at] ?? 0) - NOTICED_MS);
    const last = Math.min(to, noticed[at + 1] ?? MAX_MS);
    if (first > last) return [];
    const span: EngineSpan = {
      from: toTimestamp(first + offsetAt(own, first), "000000"),
      to: toTimestamp(last + offsetAt(own, last), "999999"),
      toHostMs: (timestamp) => {
        const engineMs = Date.parse(timestamp);
        return engineMs - offsetAt(own, engineMs - (own[0]?.offsetMs ?? 0));
      },
    };
    return [span];
  });
}

/** Never empty: without any reading both clocks are taken for one. */
function withoutJumps(readings: readonly ClockReading[]): ClockReading[][] {
  const steady: ClockReading[][] = [[]];
  for (const reading of readings) {
    const before = steady.at(-1)?.at(-1);
    const isJump = before !== undefined && Math.abs(reading.offsetMs - before.offsetMs) > JUMP_MS;
    if (isJump) steady.push([reading]);
    else steady.at(-1)?.push(reading);
  }
  return steady;
}

/** The reading nearest in time: a clock that drifts was ahead by less, or by more, at other times. */
function offsetAt(readings: readonly ClockReading[], hostMs: number): number {
  const nearest = readings.reduce<ClockReading | undefined>(
    (best, one) =>
      best === undefined || Math.abs(one.atMs - hostMs) < Math.abs(best.atMs - hostMs) ? one : best,
    undefined,
  );
  return nearest?.offsetMs ?? 0;
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_MS);
}

function toTimestamp(engineMs: number, below: string): string {
  return `${new Date(Math.floor(bounded(engineMs))).toISOString().slice(0, -1)}${below}Z`;
}

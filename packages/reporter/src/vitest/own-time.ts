import type { LogLine, LogSlice } from "@real-services/core/logs";

/** Such as PostgreSQL's: with milliseconds, and UTC where no zone is named. */
const OWN_TIME =
  /\b(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)[.,](\d{3})\d*(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?(?!\d)/;
const HEAD = 100;

/** What lies further back is about something else, or in another zone. */
const MAX_LATE_MS = 2_000;

/**
 * How much later than it was written the engine has stamped a line, in milliseconds, as far as the
 * line itself tells: an engine that is busy stamps lines of one test when the next has begun.
 */
export function latenessOf(line: Pick<LogLine, "text" | "timestamp">): number {
  const [, day, time, fraction, zone = "Z"] = OWN_TIME.exec(line.text.slice(0, HEAD)) ?? [];
  if (day === undefined) return 0;
  const offset = /^[+-]/.test(zone) ? zone.replace(/^(...)(\d\d)$/, "$1:$2") : "Z";
  const lateMs = Date.parse(line.timestamp) - Date.parse(`${day}T${time}.${fraction}${offset}`);
  return lateMs > 0 && lateMs <= MAX_LATE_MS ? lateMs : 0;
}

/**
 * Of a slice that reaches beyond `toMs` what was written until then. Lines without a time of their
 * own go by the engine's, unless they are stamped together with one that has.
 */
export function writtenWithin(slice: LogSlice, fromMs: number, toMs: number): LogSlice {
  const isWithin = (timeMs: number): boolean => timeMs >= fromMs && timeMs <= toMs;
  const services = slice.services.flatMap((service) => {
    const kept = keptLines(service.lines, isWithin);
    const events = service.events.filter(({ timeMs }) => isWithin(timeMs));
    if (kept.length + events.length + service.missingBytes === 0) return [];
    const first = kept[0] === undefined ? 0 : service.lines.indexOf(kept[0]);
    return [{ ...service, lines: kept, events, fileLine: service.fileLine + first }];
  });
  return { ...slice, fromMs, toMs, services };
}

function keptLines(
  lines: readonly LogLine[],
  isWithin: (timeMs: number) => boolean,
): readonly LogLine[] {
  let before: { readonly timeMs: number; readonly lateMs: number } | undefined;
  return lines.filter((line) => {
    const own = latenessOf(line);
    const together = before !== undefined && line.timeMs - before.timeMs <= 1 ? before.lateMs : 0;
    const lateMs = own === 0 && /^\s/.test(line.text) ? together : own;
    before = { timeMs: line.timeMs, lateMs };
    return isWithin(line.timeMs - lateMs);
  });
}

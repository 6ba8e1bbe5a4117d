import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type FileBlock, listBlocks, type RawLine, readLines } from "./log-blocks.ts";
import {
  type LoggedService,
  type LogManifest,
  partName,
  readManifest,
  TIMELINE,
} from "./log-folder.ts";
import type { LogEvent, LogSlice, ServiceSlice, SliceOptions } from "./log-shapes.ts";

const DEFAULT_LINES = 200;
/** So many lines more than asked for may be in memory. */
const MAX_SURPLUS = 5_000;

/**
 * What the services of an environment wrote, and what happened to them, in a span of time. Reads
 * files only, so it works in any process of the host that captured them, during the run and after
 * it; of large files only what belongs to the span. A folder that is not there gives an empty slice.
 *
 * @param folder `logFolder` of the environment
 * @example
 * const slice = await readSlice(environment.logFolder, { fromMs: began, toMs: Date.now() });
 */
export async function readSlice(folder: string, options: SliceOptions): Promise<LogSlice> {
  const { fromMs, toMs, services, maxLines = DEFAULT_LINES } = options;
  const manifest = readManifest(folder);
  if (manifest === undefined) return { environment: "", fromMs, toMs, services: [] };
  const span: Span = {
    from: toEngine(manifest, fromMs, "000000"),
    to: toEngine(manifest, toMs, "999999"),
    toHostMs: (timestamp) => toHost(manifest, timestamp),
  };
  const events = readEvents(folder, span);
  const files = new Map(Object.entries(manifest.services));
  // Something may happen to a service that never wrote a line.
  const names = [...new Set([...files.keys(), ...events.map(({ service }) => service)])];
  const slices = names
    .filter((name) => services === undefined || services.includes(name))
    .map((name) => {
      const own = events.filter(({ service }) => service === name);
      return sliceService(folder, name, files.get(name), own, span, maxLines);
    })
    .filter(({ lines, events: own, missingBytes }) => lines.length + own.length + missingBytes > 0);
  return { environment: manifest.environment, fromMs, toMs, services: slices };
}

/** By the engine's clock; both ends belong to it. */
interface Span {
  readonly from: string;
  readonly to: string;
  readonly toHostMs: (timestamp: string) => number;
}

function sliceService(
  folder: string,
  service: string,
  known: LoggedService | undefined,
  events: readonly LogEvent[],
  span: Span,
  maxLines: number,
): ServiceSlice {
  const blocks = known === undefined ? [] : overlapping(listBlocks(folder, known.file), span);
  const { lines, omittedLines } = firstAndLast(blocks, span, maxLines);
  const missingBytes = (known?.gaps ?? [])
    .filter(({ from, to }) => from <= span.to && to >= span.from)
    .reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    service,
    lines: lines.map(({ path: _path, fileLine: _line, ...line }) => ({
      ...{ service, ...line },
      timeMs: span.toHostMs(line.timestamp),
    })),
    omittedLines,
    missingBytes,
    events,
    file: lines[0]?.path ?? join(folder, partName(known?.file ?? service, 1)),
    fileLine: lines[0]?.fileLine ?? 1,
  };
}

function overlapping(blocks: readonly FileBlock[], { from, to }: Span): FileBlock[] {
  return blocks.filter(({ known }) => {
    return known === undefined || (known.oldest <= to && known.newest >= from);
  });
}

/** Reads from both ends; what lies between is counted, by the index where that is enough. */
function firstAndLast(
  blocks: readonly FileBlock[],
  span: Span,
  maxLines: number,
): { lines: RawLine[]; omittedLines: number } {
  const isWithin = ({ timestamp }: RawLine) => timestamp >= span.from && timestamp <= span.to;
  const wantedFirst = Math.ceil(maxLines / 2);
  const first: RawLine[] = [];
  let last: RawLine[] = [];
  let omittedLines = 0;
  const wantedLast = maxLines - wantedFirst;
  const lastRead = blocksForLast(blocks, span, wantedLast);
  const trim = () => {
    const surplus = Math.max(0, last.length - wantedLast);
    omittedLines += surplus;
    last = last.slice(surplus);
  };
  for (const [index, block] of blocks.entries()) {
    if (first.length >= wantedFirst && index < lastRead && isInside(block, span)) {
      omittedLines += block.known?.lines ?? 0;
      continue;
    }
    for (const line of readLines(block)) {
      if (!isWithin(line)) continue;
      if (first.length < wantedFirst) first.push(line);
      else last.push(line);
      if (last.length > wantedLast + MAX_SURPLUS) trim();
    }
    trim();
  }
  return { lines: [...first, ...last], omittedLines };
}

/** The index of the first block that is needed for the last lines: those inside it are enough. */
function blocksForLast(blocks: readonly FileBlock[], span: Span, wanted: number): number {
  let sure = 0;
  for (let index = blocks.length - 1; index >= 0; index -= 1) {
    const block = blocks[index];
    if (block === undefined) break;
    if (sure >= wanted) return index + 1;
    if (isInside(block, span)) sure += block.known?.lines ?? 0;
  }
  return 0;
}

function isInside({ known }: FileBlock, { from, to }: Span): boolean {
  return known !== undefined && known.oldest >= from && known.newest <= to;
}

function readEvents(folder: string, span: Span): LogEvent[] {
  let text: string;
  try {
    text = readFileSync(join(folder, TIMELINE), "utf8");
  } catch {
    return [];
  }
  return text
    .split("\n")
    .filter((line) => {
      // Before it is parsed: a service that crashes all night has many events, and a run many slices.
      const [, timestamp = ""] = /"timestamp":"([^"]*)"/.exec(line) ?? [];
      return timestamp >= span.from && timestamp <= span.to;
    })
    .flatMap((line) => parseEvent(line) ?? [])
    .map((event) => ({ ...event, timeMs: span.toHostMs(event.timestamp) }))
    .toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));
}

/** A line that is cut off, as when the disk was full, is none. */
function parseEvent(line: string): Omit<LogEvent, "timeMs"> | undefined {
  if (!line.endsWith("}")) return undefined;
  try {
    const event: unknown = JSON.parse(line);
    return isEvent(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is Omit<LogEvent, "timeMs"> {
  if (typeof value !== "object" || value === null) return false;
  return "timestamp" in value && typeof value.timestamp === "string" && "service" in value;
}

/** The measurement nearest in time: a clock that drifts was ahead by less, or by more, at other times. */
function offsetAt({ clock }: LogManifest, hostMs: number): number {
  const nearest = clock.reduce<LogManifest["clock"][number] | undefined>(
    (best, one) =>
      best === undefined || Math.abs(one.atMs - hostMs) < Math.abs(best.atMs - hostMs) ? one : best,
    undefined,
  );
  return nearest?.offsetMs ?? 0;
}

function toEngine(manifest: LogManifest, hostMs: number, below: string): string {
  // What no date can hold is before or after everything.
  const bounded = Math.min(Math.max(hostMs, 0), 253_402_300_799_000);
  const time = new Date(Math.floor(bounded + offsetAt(manifest, bounded)));
  return `${time.toISOString().slice(0, -1)}${below}Z`;
}

function toHost(manifest: LogManifest, timestamp: string): number {
  const engineMs = Date.parse(timestamp);
  return engineMs - offsetAt(manifest, engineMs - (manifest.clock.at(-1)?.offsetMs ?? 0));
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type EngineSpan, toEngineSpans } from "./engine-clock.ts";
import { type FileBlock, listBlocks, type RawLine, readLines } from "./log-blocks.ts";
import { type LoggedService, partName, readManifest, TIMELINE } from "./log-folder.ts";
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
  const spans = toEngineSpans(manifest.clock, fromMs, toMs);
  const events = readEvents(folder, spans);
  const files = new Map(Object.entries(manifest.services));
  // Something may happen to a service that never wrote a line.
  const names = [...new Set([...files.keys(), ...events.map(({ service }) => service)])];
  const slices = names
    .filter((name) => services === undefined || services.includes(name))
    .map((name) => {
      const own = events.filter(({ service }) => service === name);
      return sliceService(folder, name, files.get(name), own, spans, maxLines);
    })
    .filter(({ lines, events: own, missingBytes }) => lines.length + own.length + missingBytes > 0);
  return { environment: manifest.environment, fromMs, toMs, services: slices };
}

type Spans = readonly EngineSpan[];

/** The one that a time belongs to; undefined when it is in none. */
function spanOf(spans: Spans, timestamp: string): EngineSpan | undefined {
  return spans.find(({ from, to }) => timestamp >= from && timestamp <= to);
}

function touches(spans: Spans, oldest: string, newest: string): boolean {
  return spans.some(({ from, to }) => oldest <= to && newest >= from);
}

function sliceService(
  folder: string,
  service: string,
  known: LoggedService | undefined,
  events: readonly LogEvent[],
  spans: Spans,
  maxLines: number,
): ServiceSlice {
  const blocks = known === undefined ? [] : overlapping(listBlocks(folder, known.file), spans);
  const { lines, omittedLines } = firstAndLast(blocks, spans, maxLines);
  const missingBytes = (known?.gaps ?? [])
    .filter(({ from, to }) => touches(spans, from, to))
    .reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    service,
    lines: lines.map(({ path: _path, fileLine: _line, ...line }) => ({
      ...{ service, ...line },
      timeMs: toHostMs(spans, line.timestamp),
    })),
    omittedLines,
    missingBytes,
    events,
    file: lines[0]?.path ?? join(folder, partName(known?.file ?? service, 1)),
    fileLine: lines[0]?.fileLine ?? 1,
  };
}

function overlapping(blocks: readonly FileBlock[], spans: Spans): FileBlock[] {
  return blocks.filter(
    ({ known }) => known === undefined || touches(spans, known.oldest, known.newest),
  );
}

function toHostMs(spans: Spans, timestamp: string): number {
  return spanOf(spans, timestamp)?.toHostMs(timestamp) ?? Date.parse(timestamp);
}

/** Reads from both ends; what lies between is counted, by the index where that is enough. */
function firstAndLast(
  blocks: readonly FileBlock[],
  spans: Spans,
  maxLines: number,
): { lines: RawLine[]; omittedLines: number } {
  const isWithin = ({ timestamp }: RawLine) => spanOf(spans, timestamp) !== undefined;
  const wantedFirst = Math.ceil(maxLines / 2);
  const first: RawLine[] = [];
  let last: RawLine[] = [];
  let omittedLines = 0;
  const wantedLast = maxLines - wantedFirst;
  const lastRead = blocksForLast(blocks, spans, wantedLast);
  const trim = () => {
    const surplus = Math.max(0, last.length - wantedLast);
    omittedLines += surplus;
    last = last.slice(surplus);
  };
  for (const [index, block] of blocks.entries()) {
    if (first.length >= wantedFirst && index < lastRead && isInside(block, spans)) {
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
function blocksForLast(blocks: readonly FileBlock[], spans: Spans, wanted: number): number {
  let sure = 0;
  for (let index = blocks.length - 1; index >= 0; index -= 1) {
    const block = blocks[index];
    if (block === undefined) break;
    if (sure >= wanted) return index + 1;
    if (isInside(block, spans)) sure += block.known?.lines ?? 0;
  }
  return 0;
}

function isInside({ known }: FileBlock, spans: Spans): boolean {
  return (
    known !== undefined && spans.some(({ from, to }) => known.oldest >= from && known.newest <= to)
  );
}

function readEvents(folder: string, spans: Spans): LogEvent[] {
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
      return spanOf(spans, timestamp) !== undefined;
    })
    .flatMap((line) => parseEvent(line) ?? [])
    .map((event) => ({ ...event, timeMs: toHostMs(spans, event.timestamp) }))
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

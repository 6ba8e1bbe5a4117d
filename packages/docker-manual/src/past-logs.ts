import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogLine } from "@real-services/core";
import {
  listRuns,
  loggedServices,
  type PastRun,
  readSlice,
  unpackArchive,
} from "@real-services/core/logs";

/** More than anybody reads on a terminal; the files have all of it. */
const MAX_LINES = 100_000;

export interface PastLogOptions {
  /** All when none is named. */
  readonly services: readonly string[];
  /** Ids of all environments on the engine; undefined when no engine answers. */
  readonly present: ReadonlySet<string> | undefined;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** So many lines of each container at most, the last ones. */
  readonly tail: number;
}

export interface PastLogs {
  /** Whose lines these may be. */
  readonly services: readonly string[];
  /** In the order of time. */
  readonly lines: readonly LogLine[];
}

/**
 * What an environment that is gone wrote, as it was captured, archived or not. Undefined when no run
 * of that name is known. Throws REAL_SERVICES_UNKNOWN_SERVICE.
 * @param root the folder of all runs of a project
 * @param name of the environment, or the beginning of it
 */
export async function readPastLogs(
  root: string,
  name: string,
  options: PastLogOptions,
): Promise<PastLogs | undefined> {
  const runs = listRuns(root, Date.now(), options.present);
  const run = runs.find((one) => one.name.startsWith(name));
  return run === undefined ? undefined : inFolder(run, (folder) => readLogs(folder, options));
}

async function readLogs(
  folder: string,
  { services: wanted, sinceMs, tail }: PastLogOptions,
): Promise<PastLogs> {
  const names = loggedServices(folder);
  const unknown = wanted.find((service) => !names.includes(service));
  if (unknown !== undefined) {
    const { unknownService } = await import("@real-services/core");
    throw unknownService(unknown, names);
  }
  const services = wanted.length === 0 ? names : wanted;
  const span = { fromMs: sinceMs, toMs: Date.now() };
  const slices = await readSlice(folder, { ...span, services, maxLines: MAX_LINES });
  const lines = slices.services
    .flatMap((slice) => [...Map.groupBy(slice.lines, ({ replica }) => replica).values()])
    .flatMap((container) => container.slice(Math.max(0, container.length - tail)))
    .toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
  return { services, lines };
}

async function inFolder<T>(
  { path, isArchive }: PastRun,
  read: (folder: string) => Promise<T>,
): Promise<T> {
  if (!isArchive) return read(path);
  const folder = mkdtempSync(join(tmpdir(), "docker-manual-logs-"));
  try {
    await unpackArchive(path, folder);
    return await read(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

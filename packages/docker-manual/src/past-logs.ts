import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { LogLine } from "@real-services/core";
import { listRuns, type PastRun, readSlice, unpackArchive } from "@real-services/core/logs";
import { LOG_FOLDER } from "./log-folder.ts";

/** More than anybody reads on a terminal; the files have all of it. */
const MAX_LINES = 100_000;

/**
 * What an environment that is gone wrote, of the captured logs of this project, archived or not.
 * Undefined when no run of that name is known here.
 */
export async function readPastLogs(
  name: string,
  services: readonly string[],
): Promise<readonly LogLine[] | undefined> {
  const [run] = listRuns(resolve(LOG_FOLDER)).filter((one) => one.name.startsWith(name));
  if (run === undefined) return undefined;
  const { services: slices } = await inFolder(run, (folder) =>
    readSlice(folder, {
      fromMs: 0,
      toMs: Date.now(),
      maxLines: MAX_LINES,
      ...(services.length === 0 ? {} : { services }),
    }),
  );
  return slices
    .flatMap(({ lines }) => lines)
    .toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
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

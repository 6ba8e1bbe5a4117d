import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import type { LogLine } from "@real-services/core";
import { listRuns, readSlice } from "@real-services/core/logs";
import { LOG_FOLDER } from "./log-folder.ts";

/** More than anybody reads on a terminal; the files have all of it. */
const MAX_LINES = 100_000;

/**
 * What an environment that is gone wrote, of the captured logs of this project: as lines, or as the
 * text of its archive. Undefined when no run of that name is known here.
 */
export async function readPastLogs(
  name: string,
  services: readonly string[],
): Promise<readonly (LogLine | string)[] | undefined> {
  const runs = listRuns(resolve(LOG_FOLDER)).filter((run) => run.name.startsWith(name));
  const [run] = runs;
  if (run === undefined) return undefined;
  if (run.isArchive) return readArchive(run.path);
  const { services: slices } = await readSlice(run.path, {
    fromMs: 0,
    toMs: Date.now(),
    maxLines: MAX_LINES,
    ...(services.length === 0 ? {} : { services }),
  });
  return slices
    .flatMap(({ lines }) => lines)
    .toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
}

async function readArchive(path: string): Promise<string[]> {
  const lines: string[] = [];
  const input = createReadStream(path).pipe(createGunzip());
  for await (const line of createInterface({ input })) {
    lines.push(line);
    if (lines.length === MAX_LINES) break;
  }
  return lines;
}

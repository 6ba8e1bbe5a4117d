import { CONTESTANTS } from "./contestants.ts";
import type { ImportCost } from "./import-cost.ts";
import type { RowResult } from "./measure-row.ts";
import type { Measure } from "./rows.ts";
import { renderTable } from "./table.ts";
import type { Timeline } from "./timeline.ts";

const MEASURES: readonly Measure[] = ["ready", "gone"];

/** Medians in seconds. */
export function renderMedians(results: readonly RowResult[]): string {
  const body = results.flatMap((result) =>
    MEASURES.map((measure) => [
      result.row,
      measure,
      ...CONTESTANTS.map((name) => {
        const found = result.contestants.find(({ contestant }) => contestant === name);
        return seconds(measure === "ready" ? found?.readyMs : found?.goneMs);
      }),
    ]),
  );
  return renderTable([["seconds, medians", "", ...CONTESTANTS], ...body]);
}

/** Ours divided by the peer's; the floor is the hand-written script divided by it. */
export function renderVerdicts(results: readonly RowResult[], imported: ImportCost | undefined) {
  const ratios = results.flatMap(({ row, verdicts, conflicts }) => [
    ...verdicts.map(({ measure, against, measured, floor, ratio, holds, isOutOfReach }) => [
      row,
      measure,
      against,
      `${measured.toFixed(3)}×`,
      floor === undefined ? "" : `${floor.toFixed(3)}×`,
      `≤ ${ratio}×`,
      isOutOfReach ? "out of reach" : verdict(holds),
    ]),
    ...(conflicts > 0 ? [[row, "conflicts", "", String(conflicts), "", "0", verdict(false)]] : []),
  ]);
  const plugin =
    imported === undefined
      ? []
      : [
          [
            "importing the plugin",
            "without the flag",
            "empty plugin",
            `+ ${imported.addedMs.toFixed(1)} ms`,
            "",
            `≤ ${imported.budgetMs} ms`,
            verdict(imported.holds),
          ],
        ];
  const heading = ["budget", "", "against", "measured", "floor", "allowed", ""];
  return renderTable([heading, ...ratios, ...plugin]);
}

export function renderTimelines(timelines: readonly Timeline[]): string {
  const phases = [
    "beforeEngine",
    "create",
    "begin",
    "dependencies",
    "handOver",
    "lastStart",
    "lastReady",
    "notice",
    "probes",
  ] as const;
  const body = phases.map((phase) => [
    phase,
    ...timelines.map((timeline) => timeline[phase].toFixed(0)),
  ]);
  return renderTable([
    ["milliseconds, one sample", ...timelines.map(({ contestant }) => contestant)],
    ...body,
  ]);
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? "–" : (ms / 1_000).toFixed(2);
}

function verdict(holds: boolean): string {
  return holds ? "holds" : "MISSED";
}

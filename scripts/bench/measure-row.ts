import { setTimeout as sleep } from "node:timers/promises";
import type { ContestantName } from "./contestants.ts";
import type { Budget, Measure, Row } from "./rows.ts";
import { type Sample, takeSample } from "./sample.ts";
import { median } from "./statistics.ts";

export interface Measured {
  readonly contestant: ContestantName;
  readonly readyMs: number;
  readonly goneMs: number | undefined;
  readonly samples: readonly Sample[];
  /** What went wrong in the samples that are missing. */
  readonly failures: readonly string[];
}

export interface Verdict extends Budget {
  /** Our median divided by the peer's. */
  readonly measured: number;
  /** The hand-written script's median divided by the peer's: nobody gets below it on this machine. */
  readonly floor: number | undefined;
  readonly holds: boolean;
  /** Not even the hand-written script would hold the budget; against that one there is another. */
  readonly isOutOfReach: boolean;
}

export interface RowResult {
  readonly row: string;
  readonly atOnce: number;
  readonly contestants: readonly Measured[];
  readonly verdicts: readonly Verdict[];
  /** What we had to work around; a budget allows none. */
  readonly conflicts: number;
}

interface Taken {
  readonly samples: Sample[];
  readonly failures: string[];
}

/** Between the beginnings of two sleepers: longer than any of them works at a stretch. */
const STAGGER_MS = 5_000;

export async function measureRow(
  row: Row,
  rounds: number,
  progress: (line: string) => void,
): Promise<RowResult> {
  const taken = new Map<ContestantName, Taken>(
    row.contestants.map((name) => [name, { samples: [], failures: [] }]),
  );
  const take = async (contestant: ContestantName) => {
    const measureGone = row.gone.includes(contestant);
    try {
      const sample = await takeSample({ ...row, contestant, measureGone });
      taken.get(contestant)?.samples.push(sample);
      const { readyMs, goneMs } = sample;
      progress(`${row.name}: ${contestant} ready ${seconds(readyMs)}, gone ${seconds(goneMs)}`);
    } catch (error) {
      // Told and counted; the others' samples are worth no less for it.
      taken.get(contestant)?.failures.push(String(error));
      progress(`${row.name}: ${contestant} FAILED: ${error}`);
    }
  };
  const awake = row.contestants.filter((name) => !row.sleepers.includes(name));
  for (let round = 0; round < rounds; round += 1) {
    // Nobody always comes first, or always after the same peer.
    for (const contestant of rotate(awake, round)) await take(contestant);
  }
  const sleepers = Array.from({ length: rounds }, () => row.sleepers).flat();
  await Promise.all(
    sleepers.map(async (contestant, index) => {
      await sleep(index * STAGGER_MS);
      await take(contestant);
    }),
  );
  return judge(row, taken);
}

function judge(row: Row, taken: ReadonlyMap<ContestantName, Taken>): RowResult {
  const contestants = [...taken].map(([contestant, { samples, failures }]): Measured => {
    const gone = samples.flatMap(({ goneMs }) => (goneMs === undefined ? [] : [goneMs]));
    return {
      contestant,
      readyMs: median(samples.map(({ readyMs }) => readyMs)),
      goneMs: gone.length === 0 ? undefined : median(gone),
      samples,
      failures,
    };
  });
  const value = (name: ContestantName, measure: Measure) => {
    const found = contestants.find(({ contestant }) => contestant === name);
    return (measure === "ready" ? found?.readyMs : found?.goneMs) ?? Number.NaN;
  };
  const verdicts = row.budgets.map((budget): Verdict => {
    const peer = value(budget.against, budget.measure);
    const measured = value("ours", budget.measure) / peer;
    const floor =
      budget.against === "compose" ? value("hand-written", budget.measure) / peer : undefined;
    const holds = measured <= budget.ratio;
    return {
      ...budget,
      measured,
      floor,
      holds,
      isOutOfReach: !holds && (floor ?? 0) > budget.ratio,
    };
  });
  const conflicts = contestants
    .flatMap((measured) => measured.samples)
    .reduce((total, sample) => total + sample.conflicts, 0);
  return { row: row.name, atOnce: row.atOnce, contestants, verdicts, conflicts };
}

function rotate<T>(all: readonly T[], by: number): readonly T[] {
  const offset = all.length === 0 ? 0 : by % all.length;
  return [...all.slice(offset), ...all.slice(0, offset)];
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? "–" : `${(ms / 1_000).toFixed(2)} s`;
}

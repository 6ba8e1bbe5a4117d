import type { Stack } from "./contestant.ts";
import type { ContestantName } from "./contestants.ts";
import { STACKS } from "./stacks.ts";

export type Measure = "ready" | "gone";

/** Our median divided by the peer's may be so much. */
export interface Budget {
  readonly measure: Measure;
  readonly against: ContestantName;
  readonly ratio: number;
}

export interface Row {
  readonly name: string;
  readonly stack: Stack;
  readonly atOnce: number;
  readonly contestants: readonly ContestantName[];
  /** Whose removal is measured; the others are discarded without their grace. */
  readonly gone: readonly ContestantName[];
  /**
   * Those who spend nearly all their time asleep, waiting for an interval: their samples overlap,
   * begun one after the other, so that work never meets work. Everyone else alternates, alone.
   */
  readonly sleepers: readonly ContestantName[];
  readonly budgets: readonly Budget[];
}

const ALL: readonly ContestantName[] = ["ours", "hand-written", "compose", "testcontainers"];
const CAPTURING: readonly ContestantName[] = ["ours", "ours without logs"];
const CAPTURE = 1.1;
const FLOOR = 1.3;
const FLOOR_OF_EIGHT = 1.2;
const NEAR_THE_FLOOR: readonly Budget[] = [
  { measure: "ready", against: "hand-written", ratio: FLOOR },
  { measure: "gone", against: "hand-written", ratio: FLOOR },
];

export const ROWS: readonly Row[] = [
  row("three services, 1 s intervals", STACKS.threeServices, {
    budgets: [
      { measure: "ready", against: "compose", ratio: 0.5 },
      { measure: "gone", against: "compose", ratio: 0.05 },
      ...NEAR_THE_FLOOR,
    ],
  }),
  row("three services, default intervals", STACKS.threeServicesDefaults, {
    gone: ["ours", "hand-written"],
    sleepers: ["compose", "testcontainers"],
    budgets: [{ measure: "ready", against: "compose", ratio: 0.05 }, ...NEAR_THE_FLOOR],
  }),
  row("reference stack", STACKS.reference),
  row("chain of six", STACKS.chain),
  row("fan of twelve", STACKS.fan),
  severalAtOnce(4, FLOOR),
  severalAtOnce(8, FLOOR_OF_EIGHT),
  row("three services, logs captured", STACKS.threeServices, {
    contestants: CAPTURING,
    gone: CAPTURING,
    budgets: [
      { measure: "ready", against: "ours without logs", ratio: CAPTURE },
      { measure: "gone", against: "ours without logs", ratio: CAPTURE },
    ],
  }),
];

function row(name: string, stack: Stack, rest: Partial<Row> = {}): Row {
  const defaults = {
    atOnce: 1,
    contestants: ALL,
    gone: ALL,
    sleepers: [],
    budgets: NEAR_THE_FLOOR,
  };
  return { ...defaults, name, stack, ...rest };
}

function severalAtOnce(atOnce: number, ratio: number): Row {
  return row(`three services, ${atOnce} at once`, STACKS.threeServices, {
    atOnce,
    contestants: ["ours", "hand-written", "compose"],
    gone: ["ours", "hand-written"],
    budgets: [{ measure: "ready", against: "hand-written", ratio }],
  });
}

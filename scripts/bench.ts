/**
 * `npm run bench`: ours beside its peers in one run, alternating, each sample in a fresh process.
 * Prints a table, writes `.artifacts/bench.json`, and ends with 1 when a budget is missed.
 * A budget that the hand-written script would miss as well is out of reach on this machine.
 *
 *   --rounds N     samples of each contestant and row; medians are taken (5)
 *   --only WORD    only rows whose name contains it, may be repeated; "import" is the plugin's
 *   --no-fail      ends with 0 whatever was missed
 *
 * Ours is measured from the call of `acquireEnvironment` until `waitForServices` resolves: the
 * package is imported before, as a test file's imports are; what it loads lazily counts.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { measureImport } from "./bench/import-cost.ts";
import { findLeftovers } from "./bench/leftovers.ts";
import { measureRow, type RowResult } from "./bench/measure-row.ts";
import { renderMedians, renderTimelines, renderVerdicts } from "./bench/render.ts";
import { ROWS } from "./bench/rows.ts";
import { type Timeline, takeTimeline } from "./bench/timeline.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    only: { type: "string", multiple: true, default: [""] },
    "no-fail": { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  throw new Error(`Expected --rounds to be a positive integer, got ${values.rounds}`);
}
const isWanted = (name: string) => values.only.some((word) => name.includes(word));
const progress = (line: string) => console.error(line);

const imported = isWanted("import") ? await measureImport(rounds) : undefined;
const results: RowResult[] = [];
const timelines: Timeline[] = [];
const [profiled] = ROWS;
for (const row of ROWS.filter(({ name }) => isWanted(name))) {
  results.push(await measureRow(row, rounds, progress));
  if (row === profiled) {
    for (const contestant of ["ours", "hand-written", "compose"] as const) {
      timelines.push(await takeTimeline(row, contestant));
    }
  }
  await save([]);
}
const leftovers = await findLeftovers(results);
await save(leftovers);

const failures = results.flatMap(({ row, contestants }) =>
  contestants.flatMap((measured) =>
    measured.failures.map((failure) => `${row}, ${measured.contestant}: ${failure}`),
  ),
);
const sections = [
  renderMedians(results),
  renderVerdicts(results, imported),
  ...(timelines.length === 0 ? [] : [renderTimelines(timelines)]),
  ...(failures.length === 0 ? [] : [`failed samples:\n${failures.join("\n")}`]),
  ...(leftovers.length === 0 ? [] : [`left on the engine: ${leftovers.join(", ")}`]),
  ...(imported?.forbidden.map((url) => `loaded without the flag: ${url}`) ?? []),
];
console.log(`\n${sections.join("\n\n")}`);

const isMissed =
  leftovers.length > 0 ||
  failures.length > 0 ||
  imported?.holds === false ||
  results.some(
    ({ verdicts, conflicts }) =>
      conflicts > 0 || verdicts.some((one) => !one.holds && !one.isOutOfReach),
  );
if (isMissed && !values["no-fail"]) process.exitCode = 1;

/** After each row: a run that is interrupted keeps what it has measured. */
async function save(left: readonly string[]): Promise<void> {
  const machine = {
    node: process.version,
    cpus: cpus().length,
    platform: process.platform,
    // More than our own samples make means that somebody else was at work as well.
    load: loadavg(),
  };
  const report = { rounds, machine, results, timelines, imported, leftovers: left };
  await mkdir(".artifacts", { recursive: true });
  await writeFile(".artifacts/bench.json", `${JSON.stringify(report, undefined, 2)}\n`);
}

/**
 * `npm run chaos -- --rounds N --seed S`: lets runs die at random points of their lives and in
 * random ways, with others alive beside them and canaries around. Afterwards nothing of the dead is
 * left, the living are green, and no canary was touched; otherwise it fails.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { canHaveSecondEngine, TINY_IMAGE } from "../../packages/core/test/second-engine.ts";
import { watchdogsOf } from "../../packages/core/test/watchdogs.ts";
import { Canaries } from "./canaries.ts";
import { remainsOf, until } from "./engine-view.ts";
import { planRound, type Round, randomNumbers } from "./plan.ts";
import { RestartedEngine } from "./restarted-engine.ts";
import { Run } from "./run.ts";
import { endRun, endVictim, type Outcome, startVictim } from "./victim.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 1e6) },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed)) {
  console.error("Expected --rounds and --seed to be whole numbers.");
  process.exit(2);
}

const IMAGE = process.env["PEER_IMAGE"] ?? "real-services/peer:1";
const SURVIVORS = 2;
/** Rounds that are played at the same time. */
const LANES = 2;
/** What a survivor may take to answer, on an engine that is busy with the dying. */
const GREEN_MS = 30_000;

const stack = (image: string, command: string, more = "") => `
services:
  web: { image: "${image}", command: ${command}, mem_limit: 64m, volumes: ["data:/data", "/anonymous"]${more} }
volumes: { data: {} }
`;
const folder = mkdtempSync(join(tmpdir(), "chaos-"));
// Neither the leases of others nor their locks.
process.env["REAL_SERVICES_STATE_DIR"] = join(folder, "state");
mkdirSync(join(folder, "state"), { mode: 0o700 });
const files = {
  "compose.yaml": stack(IMAGE, "[peer]", ', ports: ["8000"]'),
  "build.yaml": stack("$BUILT_IMAGE", "[peer]", ", build: ."),
  "tiny.yaml": stack(TINY_IMAGE, '[/bin/sleep, "600"]', ", stop_grace_period: 1s"),
  Dockerfile: `FROM ${IMAGE}\nRUN date +%N > /built\n`,
};
for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);

const prefix = `chaos-${seed}-${process.pid}`;
const random = randomNumbers(seed);
const problems: string[] = [];
const outcomes: Outcome[] = [];
const survivors: Run[] = [];
let second: RestartedEngine | undefined;
/** One round at a time has the second engine. */
let engineTurn: Promise<unknown> = Promise.resolve();

console.log(`seed ${seed}, ${rounds} rounds`);
{
  for (let index = 0; index < SURVIVORS; index += 1) {
    survivors.push(new Run({ cwd: folder, name: `${prefix}-survivor-${index}` }));
  }
  await using canaries = await Canaries.create(prefix, folder, IMAGE);
  try {
    for (const survivor of survivors) await survivor.says("ready");
    const plans = Array.from({ length: rounds }, () => planRound(random, canHaveSecondEngine));
    const left = plans.entries();
    const lane = async (): Promise<void> => {
      for (const [index, plan] of left) await play(index + 1, plan);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    await Promise.all(survivors.map(async (survivor) => conclude(await endRun(survivor))));
    if (second !== undefined) conclude(await second.end());
    await until(async () => claims().length === 0, GREEN_MS);
    const watchdogs = () => watchdogsOf(...outcomes.map(({ pid }) => pid));
    const idle = await until(async () => (await watchdogs()).length === 0, GREEN_MS);
    if (!idle) problems.push("a watchdog outlives its work");
    // Once more: nothing may have come after it was seen to be gone.
    const dead = outcomes.map(({ name }) => ` ${name}-`);
    const late = (await remainsOf(prefix)).filter((line) => dead.some((one) => line.includes(one)));
    if (late.length > 0) problems.push(`left at the end: ${late.join(", ")}`);
    problems.push(...(await canaries.harmed()));
    if (claims().length > 0) problems.push(`claims are left: ${claims().join(", ")}`);
    for (const problem of problems) console.log(`PROBLEM ${problem}`);
  } finally {
    for (const survivor of survivors) if (survivor.isThere) await survivor.die("SIGKILL");
    await second?.[Symbol.asyncDispose]();
  }
  const alone = outcomes.filter(({ death }) => death === "SIGKILL");
  console.log(
    [
      `seed ${seed}: ${rounds} rounds, ${outcomes.length} runs died, ${problems.length} problems`,
      `${canaries.count + (second?.canaryCount ?? 0)} canaries, ${SURVIVORS + (second === undefined ? 0 : 1)} living runs beside them`,
      `slowest clean-up ${slowest(outcomes)}, after SIGKILL of the owner alone ${slowest(alone)}`,
    ].join("\n"),
  );

  async function play(round: number, plan: Round): Promise<void> {
    if (!plan.engineRestart) return playOn(undefined, round, plan);
    const turn = engineTurn.then(async () => playOn(await secondEngine(), round, plan));
    engineTurn = turn.catch(() => {});
    return turn;
  }

  async function playOn(
    engine: RestartedEngine | undefined,
    round: number,
    plan: Round,
  ): Promise<void> {
    const victims = plan.victims.map((victim, index) =>
      startVictim(victim, { folder, name: `${prefix}-${round}-${index}`, host: engine?.host }),
    );
    if (engine !== undefined) {
      await Promise.all(victims.map(({ died }) => died));
      await engine.restart();
    }
    // While they are cleaned up after, whatever is done to them must not be felt beside them.
    const [ended, green] = await Promise.all([
      Promise.all(victims.map((victim) => endVictim(victim))),
      Promise.all(survivors.map(isGreen)),
    ]);
    ended.forEach(conclude);
    if (green.includes(false)) problems.push(`round ${round}: a living run is not green`);
    const harms = [...(await canaries.harmed()), ...((await engine?.harmed()) ?? [])];
    problems.push(...harms.map((harm) => `round ${round}: ${harm}`));
    const restart = engine === undefined ? "" : "  the engine restarts";
    console.log(`round ${round}${restart}`);
    for (const outcome of ended) console.log(`  ${outcome.story}`);
  }
}
rmSync(folder, { recursive: true, force: true });
process.exitCode = problems.length === 0 ? 0 : 1;

function claims(): string[] {
  return ["ports", "locks", "memory"].flatMap((name) => readdirSync(join(folder, "state", name)));
}

async function secondEngine(): Promise<RestartedEngine> {
  second ??= await RestartedEngine.start(prefix, folder);
  return second;
}

function isGreen(survivor: Run): Promise<boolean> {
  return until(async () => (await survivor.test()) === "tests HEALTHY", GREEN_MS);
}

function conclude(outcome: Outcome): void {
  outcomes.push(outcome);
  problems.push(...outcome.problems);
}

function slowest(list: readonly Outcome[]): string {
  const times = list.flatMap(({ goneMs }) => goneMs ?? []);
  return times.length === 0 ? "unknown" : `${(Math.max(...times) / 1_000).toFixed(1)} s`;
}

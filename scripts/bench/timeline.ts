import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { ContestantName } from "./contestants.ts";
import type { Row } from "./rows.ts";
import { takeSample } from "./sample.ts";

/** Where the time until readiness goes, in milliseconds, as the engine saw it. */
export interface Timeline {
  readonly contestant: ContestantName;
  /** Until the engine had created the first thing: what is loaded, resolved and spawned. */
  readonly beforeEngine: number;
  /** From there until the last container existed. */
  readonly create: number;
  /** From there until the first container was being started. */
  readonly begin: number;
  /** From there until the check had passed that the last container waited for. */
  readonly dependencies: number;
  /** From there until that container was being started: nobody's work, somebody's delay. */
  readonly handOver: number;
  /** Its start, in the engine. */
  readonly lastStart: number;
  /** From there until its check had passed. */
  readonly lastReady: number;
  /** From there until the caller knew. */
  readonly notice: number;
  readonly probes: number;
}

interface EngineEvent {
  readonly atMs: number;
  readonly action: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** One more sample, watched from outside: each contestant in the same way, none is asked itself. */
export async function takeTimeline(row: Row, contestant: ContestantName): Promise<Timeline> {
  const events: EngineEvent[] = [];
  const watcher = spawn("docker", ["events", "--format", "{{json .}}"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: watcher.stdout });
  lines.on("line", (line) => events.push(readEvent(line)));
  try {
    const sample = await takeSample({ ...row, contestant, measureGone: false });
    const [project = ""] = sample.projects;
    const own = events
      .filter((event) => event.name.startsWith(project) && event.atMs <= sample.readyAt)
      .toSorted((a, b) => a.atMs - b.atMs);
    return { contestant, ...divide(own, sample.beganAt, sample.readyAt) };
  } finally {
    watcher.kill();
    await once(watcher, "close");
  }
}

function readEvent(line: string): EngineEvent {
  const { timeNano, Type, Action, Actor } = JSON.parse(line);
  const attributes: Record<string, string> = Actor.Attributes;
  return {
    atMs: timeNano / 1e6,
    action: `${Type} ${Action}`,
    // A network's connecting names the network.
    name: attributes["name"] ?? "",
    attributes,
  };
}

function divide(
  events: readonly EngineEvent[],
  beganAt: number,
  readyAt: number,
): Omit<Timeline, "contestant"> {
  const of = (prefix: string) => events.filter(({ action }) => action.startsWith(prefix));
  const first = (prefix: string) => of(prefix).at(0)?.atMs ?? Number.NaN;
  const last = (found: readonly EngineEvent[]) => found.at(-1)?.atMs ?? Number.NaN;
  const asked = Math.min(first("network create"), first("container create"));
  const created = last(of("container create"));
  // The engine joins a container to its network early in the start; that it has started comes late.
  const firstBegun = first("network connect");
  const lastBegun = last(of("network connect"));
  const lastStarted = last(of("container start"));
  const passed = of("container exec_die").filter(
    ({ attributes }) => attributes["exitCode"] === "0",
  );
  const gate = last(passed.filter(({ atMs }) => atMs <= lastBegun));
  const allPassed = last(passed);
  return {
    beforeEngine: asked - beganAt,
    create: created - asked,
    begin: firstBegun - created,
    dependencies: gate - firstBegun,
    handOver: lastBegun - gate,
    lastStart: lastStarted - lastBegun,
    lastReady: allPassed - lastStarted,
    notice: readyAt - allPassed,
    probes: of("container exec_die").length,
  };
}

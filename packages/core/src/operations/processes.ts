import type { EngineClient } from "../engine/client.ts";

export interface ContainerProcess {
  /** As the engine's host sees it. */
  readonly pid: number;
  readonly user: string;
  /** Processor time, as `ps` tells it. */
  readonly time: string;
  readonly command: string;
}

const CALL_MS = 15_000;

/** The processes inside a running container. */
export async function readProcesses(engine: EngineClient, id: string): Promise<ContainerProcess[]> {
  const { Titles: titles, Processes: rows } = await engine.top(id, CALL_MS);
  return toProcesses(titles, rows ?? []);
}

/** Pure. The columns depend on the `ps` of the engine's host. */
export function toProcesses(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): ContainerProcess[] {
  const column = (...names: readonly string[]) =>
    titles.findIndex((title) => names.includes(title));
  const [pid, user, time] = [column("PID"), column("UID", "USER"), column("TIME")];
  const command = column("CMD", "COMMAND");
  return rows.map((row) => ({
    pid: Number(row[pid]),
    user: row[user] ?? "",
    time: row[time] ?? "",
    command: row[command] ?? "",
  }));
}

import type { EngineClient } from "../../engine/client.ts";

const CALL_MS = 5_000;
const SHELL = /^-?(\S*\/)?(ba|da|a|k|z)?sh(\s|$)/;

/**
 * Whether the image's own script is still at work, with a server of its own for its init scripts; it
 * makes way for the real one. Undefined when that cannot be found out.
 * @param pid of the container's main process
 */
export async function isInitPhase(
  engine: EngineClient,
  container: string,
  pid: number,
): Promise<boolean | undefined> {
  const listed = await engine.top(container, CALL_MS).catch(() => undefined);
  return listed && runsScript(listed.Titles, listed.Processes ?? [], pid);
}

/** Pure. The main process is a shell, or, below `init: true`, its child; a check of the engine's is neither. */
export function runsScript(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  pid: number,
): boolean {
  const [own, parent] = [titles.indexOf("PID"), titles.indexOf("PPID")];
  const command = titles.findIndex((title) => title === "CMD" || title === "COMMAND");
  return rows.some((row) => {
    const isMain = [row[own], row[parent]].includes(String(pid));
    return isMain && SHELL.test(row[command] ?? "");
  });
}

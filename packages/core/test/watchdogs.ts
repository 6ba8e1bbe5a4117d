import { execa } from "execa";

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly rssMb: number;
}

/** The watchdogs of these owners; none has more than one. `ww`: however few COLUMNS there are. */
export async function watchdogsOf(...owners: readonly number[]): Promise<RunningProcess[]> {
  const { stdout } = await execa("ps", ["-axwwo", "pid=,ppid=,pgid=,rss=,args="]);
  return stdout.split("\n").flatMap((line) => {
    const [pid, parent, group, rss] = line.trim().split(/\s+/).map(Number);
    const isOne = new RegExp(`watchdog-process\\.[jt]s (?:${owners.join("|")})$`).test(line);
    if (!isOne || !pid || parent === undefined || group === undefined || !rss) return [];
    return [{ pid, parent, group, rssMb: rss / 1024 }];
  });
}

/** Takes its watchdog away from an owner: what then dies leaves its environment to the next sweep. */
export async function killWatchdogOf(owner: number): Promise<void> {
  for (const { pid } of await watchdogsOf(owner)) process.kill(pid, "SIGKILL");
}

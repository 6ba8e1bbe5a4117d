/** What could be read about a pid on this host: its start time, `gone`, or that nothing could be read. */
export type ProcessReading =
  | { readonly state: "running"; readonly startTime: string }
  | { readonly state: "gone" }
  | { readonly state: "unreadable" };

/** How a platform tells one process from another; every answer is empty when it cannot be had. */
export interface Platform {
  /** An id of the machine that its clones may share. */
  readMachine(): Promise<string>;
  /** Changes with every boot. Empty where a process's start time is enough to tell boots apart. */
  readBoot(): Promise<string>;
  readPidNamespace(): Promise<string>;
  /** Of a pid that answers to signals. */
  readProcess(pid: number): Promise<ProcessReading>;
}

/** By Linux's numbers, which containers have on every host. */
const SIGNALS: ReadonlyMap<number, string> = new Map([
  [1, "SIGHUP"],
  [2, "SIGINT"],
  [3, "SIGQUIT"],
  [4, "SIGILL"],
  [5, "SIGTRAP"],
  [6, "SIGABRT"],
  [7, "SIGBUS"],
  [8, "SIGFPE"],
  [9, "SIGKILL"],
  [10, "SIGUSR1"],
  [11, "SIGSEGV"],
  [12, "SIGUSR2"],
  [13, "SIGPIPE"],
  [14, "SIGALRM"],
  [15, "SIGTERM"],
  [24, "SIGXCPU"],
  [25, "SIGXFSZ"],
  [31, "SIGSYS"],
]);

/** What a signal adds to its number, as engines and shells tell an end by one. */
const BY_SIGNAL = 128;

export function signalName(number: number): string {
  return SIGNALS.get(number) ?? `signal ${number}`;
}

/** The signal that an exit code tells of; undefined for a process that ended by itself. */
export function exitSignal(exitCode: number): string | undefined {
  return SIGNALS.get(exitCode - BY_SIGNAL);
}

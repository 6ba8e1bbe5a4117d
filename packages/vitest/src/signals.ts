const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

type Signal = keyof typeof SIGNALS;

/**
 * One act may come as several signals: `timeout` signals its child and then its whole group, npm passes
 * on what the terminal has sent to everybody, a shell that is closed repeats the kernel's SIGHUP.
 */
const ECHO_MS = 500;

export interface SignalGuardOptions {
  /** What has to be done before the process ends. */
  readonly cleanUp: (signal: Signal) => Promise<unknown>;
  /** The process ends after so many milliseconds, whatever `cleanUp` does. */
  readonly deadlineMs: number;
}

/**
 * Lets a clean-up finish when a signal ends the process. Vitest's own listeners call `process.exit`
 * within a millisecond and never run a teardown (https://github.com/vitest-dev/vitest/issues/7019),
 * so they step aside until the clean-up is done. A second signal ends the process at once, unless it
 * is an echo of the first.
 *
 * @returns the function that puts everything back
 */
export function guardSignals({ cleanUp, deadlineMs }: SignalGuardOptions): () => void {
  const names = Object.keys(SIGNALS).filter((name): name is Signal => name in SIGNALS);
  const aside = new Map(names.map((name) => [name, process.rawListeners(name)]));
  const exitListeners = new Set(process.listeners("exit"));
  let interruptedAt: number | undefined;

  const onSignal = (signal: Signal): void => {
    const now = performance.now();
    if (interruptedAt !== undefined && now - interruptedAt < ECHO_MS) return;
    process.exitCode = 128 + SIGNALS[signal];
    if (interruptedAt !== undefined) process.exit();
    interruptedAt = now;
    // Workers had the signal as well. The run may end by that, with a code of its own, before we do.
    process.once("exit", () => {
      process.exitCode = 128 + SIGNALS[signal];
    });
    const deadline = new Promise((resolve) => setTimeout(resolve, deadlineMs));
    Promise.race([cleanUp(signal), deadline])
      .catch(() => {})
      .then(() => {
        restore();
        // A run that was cut short has set its own by now.
        process.exitCode = 128 + SIGNALS[signal];
        // The others decide how to end; where there are none, the signal does what it always does.
        process.kill(process.pid, signal);
      });
  };

  function restore(): void {
    for (const [name, listeners] of aside) {
      process.removeListener(name, onSignal);
      for (const listener of listeners) {
        if (isListener(listener) && !isGone(listener)) process.on(name, listener);
      }
    }
    aside.clear();
  }

  /** Vitest closes by taking its listeners off; those that are aside must not come back. */
  function isGone(listener: unknown): boolean {
    const original = unwrap(listener);
    const wasForExit = [...exitListeners].some((one) => one === original);
    return wasForExit && !process.listeners("exit").some((one) => one === original);
  }

  for (const name of names) {
    process.removeAllListeners(name);
    process.on(name, onSignal);
  }
  return restore;
}

function isListener(value: unknown): value is NodeJS.SignalsListener {
  return typeof value === "function";
}

/** `once` wraps a listener; the wrapper knows it as `listener`. */
function unwrap(listener: unknown): unknown {
  return typeof listener === "function" && "listener" in listener ? listener.listener : listener;
}

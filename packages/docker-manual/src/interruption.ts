import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

type Reaction = (signal: NodeJS.Signals, exitCode: number) => void;

/** One act may come as several signals: `timeout` and npm pass on what their group has had already. */
const ECHO_MS = 500;
let heededAt = Number.NEGATIVE_INFINITY;

/** Of whoever has something to do before the process may end. */
const reactions = new Set<Reaction>();

/**
 * From now on Ctrl-C and the like end the process at once, with the exit code by which shells know
 * the signal, unless a reaction is there. Returns what undoes it.
 */
export function heedSignals(): () => void {
  for (const signal of SIGNALS) process.on(signal, heed);
  return () => {
    for (const signal of SIGNALS) process.off(signal, heed);
  };
}

function heed(signal: NodeJS.Signals): void {
  const now = performance.now();
  if (now - heededAt < ECHO_MS) return;
  heededAt = now;
  const exitCode = 128 + constants.signals[signal];
  if (reactions.size === 0) process.exit(exitCode);
  for (const react of [...reactions]) react(signal, exitCode);
}

/** Instead of ending the process. Returns what undoes it. */
export function onSignal(reaction: Reaction): () => void {
  reactions.add(reaction);
  return () => reactions.delete(reaction);
}

/**
 * A signal that Ctrl-C and the like abort, so that a command cleans up what it has begun; the exit
 * code says which it was. A second Ctrl-C ends the process at once.
 */
export function interruption(): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const end = onSignal((name, code) => {
    process.exitCode = code;
    end();
    controller.abort(new Error(`Interrupted by ${name}.`));
  });
  return { signal: controller.signal, end };
}

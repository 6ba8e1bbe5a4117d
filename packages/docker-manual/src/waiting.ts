const EVERY_MS = 1_000;

/**
 * Says on a terminal what is waited for, from the first second on; the line is gone when it is done.
 * For what has no events: see `with-progress.ts`.
 */
export async function withWaiting<T>(what: string, work: () => Promise<T>): Promise<T> {
  const { stderr } = process;
  if (!stderr.isTTY) return work();
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += EVERY_MS / 1_000;
    stderr.write(`\r${what}, ${seconds} s\x1b[K`);
  }, EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (seconds > 0) stderr.write("\r\x1b[K");
  }
}

/** A failure that its message explains fully; any other error is a bug and keeps its stack. */
export class SetupError extends Error {}

const quietMs = 30_000;

/** Steps that run at this moment, with what each is busy with. */
const active = new Map();

/**
 * Runs one step and prints its line when it ends: name, outcome, duration.
 *
 * @param {string} name
 * @param {(status: (doing: string) => void) => Promise<string>} work resolves to the outcome
 */
export async function step(name, work) {
  const start = performance.now();
  active.set(name, "");
  // A step that takes long says from time to time what it is busy with.
  const timer = setInterval(() => {
    print(name, `… ${active.get(name)}`, start);
  }, quietMs);
  try {
    print(name, await work((doing) => active.set(name, doing)), start);
  } catch (error) {
    print(name, "failed", start);
    throw error;
  } finally {
    clearInterval(timer);
    active.delete(name);
  }
}

function print(name, text, start) {
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${name.padEnd(16)}${text.padEnd(56)} ${seconds.padStart(6)} s\n`);
}

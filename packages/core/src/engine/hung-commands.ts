/** So many commands of ours may hang in one container: each is a process within its memory limit. */
const MOST = 3;

/**
 * The commands that ran over their time. The engine cannot end one from outside, so a check that
 * hangs would leave one process more in its container with each turn.
 */
export class HungCommands {
  readonly #byContainer = new Map<string, readonly string[]>();

  add(container: string, command: string): void {
    this.#byContainer.set(container, [...(this.#byContainer.get(container) ?? []), command]);
  }

  /** How many are left in a container where no other one is to be started; undefined where it may be. */
  async tooMany(
    container: string,
    isRunning: (command: string) => Promise<boolean>,
  ): Promise<number | undefined> {
    const known = this.#byContainer.get(container) ?? [];
    if (known.length < MOST) return undefined;
    const running = await Promise.all(known.map(isRunning));
    const left = known.filter((_, index) => running[index]);
    this.#byContainer.set(container, left);
    return left.length < MOST ? undefined : left.length;
  }
}

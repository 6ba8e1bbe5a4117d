/**
 * What of a container's log has been read, for a stream that is cut and opened again. The engine
 * begins with the first entry that is not older than the time it is asked for, and keeps to the
 * order of its file from there; times in it are nearly but not strictly in order, since stdout and
 * stderr are two writers. So the newest time and how many entries came with and after it say all.
 */
export class ResumePoint {
  #newest = "";
  /** Entries seen since then: of the same time, and of an older one. */
  #same = 0;
  #late = 0;
  #skipSame = 0;
  #skipLate = 0;
  #isFirst = true;

  /** The time to ask the engine for; undefined for the whole log. */
  get since(): string | undefined {
    return this.#newest === "" ? undefined : this.#newest;
  }

  /** A stream has been opened that begins at `since`. */
  reopen(): void {
    this.#skipSame = this.#same;
    this.#skipLate = this.#late;
    this.#isFirst = true;
  }

  /** Whether an entry is new; and whether what lay between it and the last one known is lost. */
  accept(timestamp: string): "seen" | "new" | "new after a gap" {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (timestamp > this.#newest) {
      // The engine had to begin with what was seen: it has it no more, nor what came after it.
      const isGap = isFirst && this.#skipSame > 0;
      this.#newest = timestamp;
      this.#same = 1;
      this.#late = this.#skipSame = this.#skipLate = 0;
      return isGap ? "new after a gap" : "new";
    }
    if (timestamp === this.#newest) {
      if (this.#skipSame > 0) {
        this.#skipSame -= 1;
        return "seen";
      }
      this.#same += 1;
      return "new";
    }
    if (this.#skipLate > 0) {
      this.#skipLate -= 1;
      return "seen";
    }
    this.#late += 1;
    return "new";
  }
}

/** As the engine takes it: seconds since the epoch, with nanoseconds. */
export function toEngineTime(timestamp: string): string {
  const seconds = Math.floor(Date.parse(timestamp) / 1_000);
  const [, fraction = "0"] = /\.(\d+)/.exec(timestamp) ?? [];
  return `${seconds}.${fraction.padEnd(9, "0").slice(0, 9)}`;
}

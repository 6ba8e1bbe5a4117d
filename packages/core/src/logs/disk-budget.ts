/** A run's logs are cut into parts, so that the middle of a log can go while its head and tail stay. */
const PARTS = 16;
const MAX_PART_BYTES = 8 * 1024 * 1024;

/** What a run may take up on the disk, archives of earlier ones included: what is asked for is there, or it is not taken. */
export class DiskBudget {
  /** The size that one file of a log may have. */
  readonly partBytes: number;
  readonly #limit: number;
  readonly #makeRoom: () => boolean;
  #used = 0;

  /** @param makeRoom removes something and gives back what it took; false when nothing is left to remove */
  constructor(limitBytes: number, makeRoom: () => boolean) {
    this.#limit = limitBytes;
    this.#makeRoom = makeRoom;
    this.partBytes = Math.min(MAX_PART_BYTES, Math.ceil(limitBytes / PARTS));
  }

  get used(): number {
    return this.#used;
  }

  take(bytes: number): boolean {
    if (bytes > this.#limit) return false;
    while (this.#used + bytes > this.#limit) if (!this.#makeRoom()) return false;
    this.#used += bytes;
    return true;
  }

  /** Something that is there already, whether there was room for it or not. */
  occupy(bytes: number): void {
    this.#used += bytes;
    while (this.#used > this.#limit) if (!this.#makeRoom()) return;
  }

  giveBack(bytes: number): void {
    this.#used = Math.max(0, this.#used - bytes);
  }
}

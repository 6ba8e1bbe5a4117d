/** The compose files of a stack, as absolute paths. */
export interface Stack {
  readonly files: readonly string[];
}

/** One environment in the hands of one contestant, nothing of it begun. */
export interface Candidate {
  /** By what its resources are known on the engine; final once it is ready. */
  readonly project: string;
  /** Named conflicts that were worked around. */
  readonly conflicts: number;
  /** Resolves when every health check of the stack has passed. */
  start(): Promise<void>;
  /** Resolves when nothing is left, as a user of this contestant would go about it. */
  remove(): Promise<void>;
  /** As `remove`, but in the quickest way: for samples that do not measure it. */
  discard(): Promise<void>;
}

/** Prepares what a user's process has before it begins: imports, and no more. Not measured. */
export type Prepare = (stack: Stack, project: string) => Promise<Candidate>;

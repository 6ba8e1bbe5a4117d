/** What the bench tells a worker to do. */
export type Order = "start" | "remove" | "discard";

/** What a worker answers. Times are milliseconds since the epoch. */
export type Report = { readonly prepared: true } | { readonly failure: string } | Timed;

export interface Timed {
  readonly beganAt: number;
  readonly endedAt: number;
  readonly project: string;
  readonly conflicts: number;
}

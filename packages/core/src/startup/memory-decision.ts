/** One environment that wants to be created, or is about to be. */
export interface Ticket {
  /** Of the environment. */
  readonly id: string;
  readonly environment: string;
  readonly bytes: number;
  readonly isAdmitted: boolean;
}

export interface MemoryHolder {
  readonly environment: string;
  readonly bytes: number;
}

export type Admission =
  | { readonly is: "admitted" }
  /** `free` in bytes; `holders` has what is held and what is waited for before us. */
  | { readonly is: "waits"; readonly free: number; readonly holders: readonly MemoryHolder[] };

/**
 * Whether the environment of `id` may be created now. First come, first served: who came earlier and
 * still waits is waited for, even where less would fit. One that needs more than there is gets it
 * all, when nobody holds anything.
 */
export function admit(
  id: string,
  /** In the order of their coming; ours among them. */
  tickets: readonly Ticket[],
  /** What exists on the engine, by environment id. */
  held: ReadonlyMap<string, MemoryHolder>,
  capacity: number,
): Admission {
  const at = tickets.findIndex((ticket) => ticket.id === id);
  const mine = tickets[at];
  if (mine === undefined || mine.isAdmitted) return { is: "admitted" };
  const others = tickets.filter((ticket) => ticket.id !== id && !held.has(ticket.id));
  const admitted = others.filter(({ isAdmitted }) => isAdmitted);
  const ahead = tickets.slice(0, at).filter(({ isAdmitted }) => !isAdmitted);
  const holders = [
    ...[...held].filter(([other]) => other !== id).map(([, one]) => one),
    ...admitted,
  ]
    .filter(({ bytes }) => bytes > 0)
    .map(({ environment, bytes }) => ({ environment, bytes }));
  const free = capacity - holders.reduce((sum, { bytes }) => sum + bytes, 0);
  const fits = mine.bytes <= free || holders.length === 0;
  if (ahead.length === 0 && fits) return { is: "admitted" };
  const waiting = ahead.map(({ environment, bytes }) => ({ environment, bytes }));
  return { is: "waits", free: Math.max(0, free), holders: [...holders, ...waiting] };
}

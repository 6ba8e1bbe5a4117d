import type { Prepare } from "./contestant.ts";

export const CONTESTANTS = [
  "ours",
  "ours without logs",
  "hand-written",
  "compose",
  "testcontainers",
] as const;

export type ContestantName = (typeof CONTESTANTS)[number];

/** Each loads its own dependencies only: none pays for another's. */
export async function loadContestant(name: string): Promise<Prepare> {
  switch (name) {
    case "ours":
      return (await import("./ours.ts")).prepareOurs;
    case "ours without logs":
      return (await import("./ours.ts")).prepareOursWithoutLogs;
    case "hand-written":
      return (await import("./hand-written.ts")).prepareHandWritten;
    case "compose":
      return (await import("./compose.ts")).prepareCompose;
    case "testcontainers":
      return (await import("./testcontainers.ts")).prepareTestcontainers;
    default:
      throw new Error(`Nobody is called ${name}.`);
  }
}

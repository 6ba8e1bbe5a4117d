/** Something that is wrong, may become wrong, or costs time, and what to do about it. */
export interface Finding {
  /** `error`: nothing can start so; `warning`: it will hurt; `note`: it costs time or is worth knowing. */
  readonly level: "error" | "warning" | "note";
  /** A service, `engine`, `compose`, `networks`, `ports`, `disk`, `memory`, `orphans` or `stack`. */
  readonly about: string;
  readonly problem: string;
  readonly fix: string;
}

export interface DoctorReport {
  /** What was looked at, and how it is, in one line each. */
  readonly facts: readonly { readonly about: string; readonly text: string }[];
  /** The worst first. */
  readonly findings: readonly Finding[];
}

const ORDER = ["error", "warning", "note"] as const;

/** The worst first, otherwise in the order given. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return ORDER.flatMap((level) => findings.filter((finding) => finding.level === level));
}

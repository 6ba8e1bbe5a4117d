/**
 * Who answers for an environment. Written into a label when its resources are created, and so
 * immutable; what has to change later (a lease that is renewed) lives in `lease.ts`.
 */
export interface ProcessOwner {
  readonly kind: "process";
  /** Machine id: the same pid elsewhere is another process. */
  readonly host: string;
  /** Changes with every boot of the host. */
  readonly boot: string;
  /** Inode of the pid namespace: in a container, pid 1 is not the host's pid 1. Empty where there are none. */
  readonly pidNamespace: string;
  readonly pid: number;
  /** When the process began, in the platform's own words; tells a reused pid apart. Empty when unreadable. */
  readonly startTime: string;
}

export interface LeaseOwner {
  readonly kind: "lease";
  /** ISO 8601, by the engine's clock. */
  readonly until: string;
}

export type Owner = ProcessOwner | LeaseOwner;

export function writeOwner(owner: Owner): string {
  return JSON.stringify(owner);
}

/** Undefined when the label is not one that `writeOwner` made: its environment is then never swept. */
export function readOwner(label: string): Owner | undefined {
  let value: unknown;
  try {
    value = JSON.parse(label);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("kind" in value)) return undefined;
  if (value.kind === "lease") {
    return "until" in value &&
      typeof value.until === "string" &&
      !Number.isNaN(Date.parse(value.until))
      ? { kind: "lease", until: value.until }
      : undefined;
  }
  if (value.kind !== "process") return undefined;
  const { host, boot, pidNamespace, pid, startTime } = { ...emptyProcess, ...value };
  const strings = [host, boot, pidNamespace, startTime];
  if (!strings.every((part) => typeof part === "string")) return undefined;
  if (!Number.isSafeInteger(pid) || pid <= 0 || host === "") return undefined;
  return { kind: "process", host, boot, pidNamespace, pid, startTime };
}

const emptyProcess = { host: "", boot: "", pidNamespace: "", pid: 0, startTime: "" };

import { expect, inject } from "vitest";
import type { RealServices, RunNotes } from "../provided.ts";

/** Whether the real tests of the current file were all filtered out, so that no services run. */
export function isIdle(): boolean {
  return notes()?.idle.includes(currentFile()) ?? false;
}

/** Why the current file cannot have its services; undefined when it can. */
export function failureReason(): string | undefined {
  const failed = notes()?.failed;
  return failed?.files.includes(currentFile()) === true ? failed.reason : undefined;
}

/** The services of this run; undefined when there are none for this file. */
export function provided(): RealServices | undefined {
  // Nothing is provided while real services are off; the type of `inject` does not know that.
  return inject("realServices");
}

function notes(): RunNotes | undefined {
  return inject("realServicesRun");
}

function currentFile(): string {
  return expect.getState().testPath ?? "";
}

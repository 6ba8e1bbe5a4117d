import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import type { FailOn } from "../options.ts";

const SETUP_FILE = fileURLToPath(new URL("../worker/fail-on-logs.js", import.meta.url));

/** Lets lines of log fail the tests of a project. Does nothing where that was not asked for. */
export function watchLogs(project: TestProject, failOn: FailOn | undefined): void {
  if (failOn === undefined) return;
  const { level, pattern } = failOn;
  project.provide("realServicesFailOn", { level, pattern: describe(pattern) });
  if (!project.config.setupFiles.includes(SETUP_FILE))
    project.config.setupFiles.unshift(SETUP_FILE);
}

/** A regular expression does not survive the way to every kind of worker. */
function describe(
  pattern: RegExp | string | undefined,
): { readonly source: string; readonly flags: string } | undefined {
  if (pattern === undefined) return undefined;
  if (typeof pattern === "string")
    return { source: pattern.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), flags: "" };
  // Without the flags that make it remember where it was.
  return { source: pattern.source, flags: pattern.flags.replace(/[gy]/g, "") };
}

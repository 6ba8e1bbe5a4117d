/** What may be loaded in a test's worker: Node's own modules only. */
export { listRuns, type PastRun } from "./archive.ts";
export {
  type ErrorReport,
  formatErrorReport,
  type ReportedFailure,
  type ReportInput,
  writeErrorReport,
} from "./error-report.ts";
export { loggedServices } from "./log-folder.ts";
export type * from "./log-shapes.ts";
export { isAtLeast, type LogLevel } from "./parse/log-level.ts";
export { groupRecords, type LogRecord } from "./parse/log-records.ts";
export { type ParsedLine, parseLine } from "./parse/parse-line.ts";
export { readSlice } from "./read-slice.ts";
export { unpackArchive } from "./unpack-archive.ts";

export { listRuns, type PastRun } from "./archive.ts";
export {
  type ErrorReport,
  formatErrorReport,
  type ReportedFailure,
  type ReportInput,
  writeErrorReport,
} from "./error-report.ts";
export type * from "./log-shapes.ts";
export { readSlice } from "./read-slice.ts";

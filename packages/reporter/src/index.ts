import { ServiceLogReporter } from "./vitest/service-log-reporter.ts";

export type {
  EnvironmentSummary,
  FailureReport,
  ServiceFailure,
  ServiceSummary,
} from "./logs/failure.ts";
export { type RenderSliceOptions, renderSlice } from "./logs/render-slice.ts";
export { type Mask, maskFor, safeSlice, safeText } from "./logs/safe-text.ts";
export { maskSecrets } from "./mask.ts";
export { type Paint, paintFor, plain } from "./paint.ts";
export { renderPostMortem } from "./post-mortem.ts";
export { createProgress, type Progress, type ProgressOptions } from "./progress.ts";
export { type RenderErrorOptions, renderError } from "./render-error.ts";
export {
  ServiceLogReporter,
  type ServiceLogReporterOptions,
} from "./vitest/service-log-reporter.ts";
export { untilQuiet } from "./vitest/until-quiet.ts";

// biome-ignore lint/style/noDefaultExport: what Vitest looks for in a reporter that is given by name.
export default ServiceLogReporter;

export { maskSecrets } from "./mask.ts";
export { type Paint, paintFor, plain } from "./paint.ts";
export { renderPostMortem } from "./post-mortem.ts";
export { createProgress, type Progress, type ProgressOptions } from "./progress.ts";
export { type RenderErrorOptions, renderError } from "./render-error.ts";

export type { FailOn, PrepareContext, RealServicesOptions } from "./options.ts";
export { realServices } from "./plugin.ts";
// A star, so that `declare module "@real-services/vitest" { interface Register … }` merges.
export type * from "./provided.ts";

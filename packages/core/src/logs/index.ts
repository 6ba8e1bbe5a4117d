export type * from "./log-shapes.ts";
export { readSlice } from "./read-slice.ts";

import { inspect } from "node:util";
import type { LogSlice } from "@real-services/core/logs";
import { paintFor, renderError } from "@real-services/reporter";

/** Whether stack traces are wanted: `DEBUG=real-services*`. */
export function wantsStack(): boolean {
  return /(^|[\s,])(real-services|\*)/.test(process.env["DEBUG"] ?? "");
}

/** What there is of an error beyond its own words. */
interface Presented {
  /** What services wrote, if that is more than its post-mortems. */
  readonly slice?: LogSlice | undefined;
  /** Files to attach to a bug. */
  readonly reports?: readonly string[];
}

/** The error as one text for the terminal. */
export function present(error: unknown, more: Presented = {}): string {
  return renderError(error, { ...more, paint: paintFor(process.stderr), stack: wantsStack() });
}

/** Lets an error that others print (`console.error(error)`) look as our own texts do. */
export function presentable(error: Error): Error {
  return Object.defineProperty(error, inspect.custom, { value: () => present(error) });
}

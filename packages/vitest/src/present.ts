import { inspect } from "node:util";
import type { LogSlice } from "@real-services/core/logs";
import { paintFor, renderError } from "@real-services/reporter";

/** Whether stack traces are wanted: `DEBUG=real-services*`. */
export function wantsStack(): boolean {
  return /(^|[\s,])(real-services|\*)/.test(process.env["DEBUG"] ?? "");
}

/** The error as one text for the terminal, with what services wrote, if there is more than its post-mortems. */
export function present(error: unknown, slice?: LogSlice): string {
  return renderError(error, { paint: paintFor(process.stderr), stack: wantsStack(), slice });
}

/** Lets an error that others print (`console.error(error)`) look as our own texts do. */
export function presentable(error: Error): Error {
  return Object.defineProperty(error, inspect.custom, { value: () => present(error) });
}

/** A setup file: see `session/fail-files.ts`. */
import { failureReason } from "./test-file.ts";

const reason = failureReason();
if (reason !== undefined) {
  throw new Error(`The services of this file did not start: ${reason}`);
}

import { groupRecords, isAtLeast, type LogSlice } from "@real-services/core/logs";
import type { FailOnNotes } from "../provided.ts";

/** What of a slice was declared to fail a test, in words; undefined when there is nothing. */
export function findOffence(slice: LogSlice, { level, pattern }: FailOnNotes): string | undefined {
  const matcher = pattern === undefined ? undefined : new RegExp(pattern.source, pattern.flags);
  for (const { service, lines } of slice.services) {
    for (const record of groupRecords(lines)) {
      const text = record.lines.map((line) => line.text).join("\n");
      if (level !== undefined && isAtLeast(record.level, level)) {
        return `${service} logged at level ${record.level} while this test ran: ${record.message}`;
      }
      if (matcher?.test(text) === true) {
        return `${service} logged what matches ${matcher} while this test ran: ${record.message}`;
      }
    }
  }
  return undefined;
}

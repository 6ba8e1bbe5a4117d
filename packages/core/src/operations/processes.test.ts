import { expect, test } from "vitest";
import { toProcesses } from "./processes.ts";

test.each([
  [
    ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"],
    ["root", "4711", "1", "0", "10:00", "?", "00:00:01", "sleep 60"],
  ],
  [
    ["PID", "USER", "TIME", "COMMAND"],
    ["4711", "root", "00:00:01", "sleep 60"],
  ],
])("the columns of %j", (titles, row) => {
  expect(toProcesses(titles, [row])).toEqual([
    { pid: 4711, user: "root", time: "00:00:01", command: "sleep 60" },
  ]);
});

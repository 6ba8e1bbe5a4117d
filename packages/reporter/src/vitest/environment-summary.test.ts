import type { LogEvent } from "@real-services/core/logs";
import { expect, test } from "vitest";
import { deathsIn } from "./environment-summary.ts";

const event = (type: LogEvent["type"], text: string, replica = 1): LogEvent => ({
  service: "web",
  replica,
  timestamp: "",
  timeMs: 0,
  type,
  text,
});

test.each([
  ["a crash", [event("exited", "exited with code 3")], ["exited with code 3"]],
  [
    "an engine that was restarted, which is told beside the exit",
    [event("exited", "was killed by SIGKILL (137)"), event("engine-restarted", "went down")],
    ["was killed by SIGKILL (137)", "went down"],
  ],
  ["an end without an error", [event("exited", "exited with code 0")], []],
  [
    "an OOM kill, which is not told again as an exit",
    [event("oom", "was OOM-killed here"), event("exited", "was killed by SIGKILL (137)")],
    ["was OOM-killed here"],
  ],
  [
    "the exit of another container",
    [event("oom", "was OOM-killed here"), event("exited", "exited with code 1", 2)],
    ["was OOM-killed here", "exited with code 1"],
  ],
  [
    "the same again and again",
    [
      event("exited", "exited with code 3"),
      event("started", "was started again (1)"),
      event("exited", "exited with code 3"),
    ],
    ["exited with code 3"],
  ],
])("%s", (_what, events, deaths) => {
  expect(deathsIn(events)).toEqual(deaths);
});

import { expect, test } from "vitest";
import { describeEvent, ENGINE_RESTART, timestampOf } from "./container-events.ts";

const labels = { "real-services.service": "db", "com.docker.compose.container-number": "2" };
const LIMIT = { "real-services.memory": String(64 * 1024 ** 2) };

test.each<[string, Record<string, string>, number, boolean, string, string]>([
  ["start", {}, 1, true, "started", "was started"],
  ["start", {}, 3, true, "started", "was started again (2)"],
  ["die", { exitCode: "0" }, 1, false, "exited", "exited with code 0"],
  ["die", { exitCode: "137" }, 1, true, "exited", "was killed by SIGKILL (137)"],
  ["die", { exitCode: "139" }, 1, false, "exited", "was killed by SIGSEGV (139)"],
  ["die", {}, 1, false, "exited", "exited with code unknown"],
  [
    ...(["die", { exitCode: "137", ...LIMIT }, 1, false, "exited"] as const),
    "was killed by SIGKILL (137); nobody sent it that signal, memory may have run out, limit 64 MiB",
  ],
  ["oom", LIMIT, 1, true, "oom", "was OOM-killed here, limit 64 MiB"],
  ["oom", {}, 1, true, "oom", "was OOM-killed here"],
  ["kill", { signal: "9" }, 1, true, "killed", "was sent SIGKILL"],
  ["kill", { signal: "40" }, 1, true, "killed", "was sent signal 40"],
  ["pause", {}, 1, true, "paused", "was paused"],
  ["unpause", {}, 1, true, "unpaused", "was unpaused"],
  ["destroy", {}, 1, true, "removed", "was removed"],
  [
    ...([ENGINE_RESTART, {}, 1, true, "engine-restarted"] as const),
    "went down with the engine, which was restarted here",
  ],
  ["health_status: healthy", {}, 1, true, "healthy", "became healthy"],
  ["health_status: unhealthy", {}, 1, true, "unhealthy", "became unhealthy"],
])("%s %o", (action, attributes, starts, isExplained, type, text) => {
  const event = { action, containerId: "1", time: 0, attributes: { ...labels, ...attributes } };
  const timestamp = "1970-01-01T00:00:00.000000000Z";
  const expected = { service: "db", replica: 2, timestamp, type, text };
  expect(describeEvent(event, { starts, isExplained })).toEqual(expected);
});

test("what is no news, and what Compose did not make, is left out", () => {
  const event = { action: "exec_start: ls", containerId: "1", time: 0, attributes: labels };
  const past = { starts: 1, isExplained: true };
  expect(describeEvent(event, past)).toBeUndefined();
  expect(describeEvent({ ...event, action: "die", attributes: {} }, past)).toBeUndefined();
});

test("times of events are written as those of lines are", () => {
  expect(timestampOf(1_767_225_600.25)).toBe("2026-01-01T00:00:00.250000000Z");
});

import type { EngineEvent } from "../engine/client.ts";
import { OPTIONAL_LABEL } from "../stack/labels.ts";
import type { TimelineEntry } from "./log-writer.ts";

const MIB = 1024 ** 2;

/** Which container of which service an event is about; undefined for what Compose did not make. */
export function containerOf(
  attributes: Readonly<Record<string, string>>,
): { readonly service: string; readonly replica: number } | undefined {
  const service = attributes[OPTIONAL_LABEL.service];
  if (service === undefined) return undefined;
  return { service, replica: Number(attributes["com.docker.compose.container-number"]) || 1 };
}

/** @param starts how often the container has been started, this time included */
export function describeEvent(event: EngineEvent, starts: number): TimelineEntry | undefined {
  const container = containerOf(event.attributes);
  const said = sayEvent(event, starts);
  if (container === undefined || said === undefined) return undefined;
  const [type, text] = said;
  return { ...container, timestamp: timestampOf(event.time), type, text };
}

function sayEvent(
  { action, attributes }: EngineEvent,
  starts: number,
): readonly [TimelineEntry["type"], string] | undefined {
  switch (action) {
    case "start":
      return ["started", starts > 1 ? `was started again (${starts - 1})` : "was started"];
    case "die":
      return ["exited", `exited with code ${attributes["exitCode"] ?? "unknown"}`];
    case "oom": {
      const bytes = Number(attributes[OPTIONAL_LABEL.memory]);
      const limit = bytes > 0 ? `, limit ${Math.round((bytes / MIB) * 10) / 10} MiB` : "";
      return ["oom", `was OOM-killed here${limit}`];
    }
    case "kill":
      return ["killed", `was sent ${signalName(attributes["signal"])}`];
    case "pause":
      return ["paused", "was paused"];
    case "unpause":
      return ["unpaused", "was unpaused"];
    case "destroy":
      return ["removed", "was removed"];
    case "health_status: healthy":
      return ["healthy", "became healthy"];
    case "health_status: unhealthy":
      return ["unhealthy", "became unhealthy"];
    default:
      return undefined;
  }
}

const SIGNALS: Readonly<Record<string, string>> = {
  "1": "SIGHUP",
  "2": "SIGINT",
  "3": "SIGQUIT",
  "9": "SIGKILL",
  "10": "SIGUSR1",
  "12": "SIGUSR2",
  "15": "SIGTERM",
};

function signalName(number: string | undefined): string {
  return SIGNALS[number ?? ""] ?? `signal ${number ?? "unknown"}`;
}

/** RFC 3339 with nanoseconds, as far as a number of seconds is exact. */
export function timestampOf(seconds: number): string {
  const whole = Math.floor(seconds);
  const nanoseconds = Math.floor((seconds - whole) * 1e9);
  const text = new Date(whole * 1_000).toISOString().slice(0, 19);
  return `${text}.${String(nanoseconds).padStart(9, "0")}Z`;
}

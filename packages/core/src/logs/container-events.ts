import type { EngineEvent } from "../engine/engine-shapes.ts";
import { exitSignal, signalName } from "../engine/exit-signal.ts";
import { OPTIONAL_LABEL } from "../stack/labels.ts";
import type { TimelineEntry } from "./log-writer.ts";

const MIB = 1024 ** 2;

/** Not the engine's word: it tells of everything but its own start. */
export const ENGINE_RESTART = "engine-restart";

/** Which container of which service an event is about; undefined for what Compose did not make. */
export function containerOf(
  attributes: Readonly<Record<string, string>>,
): { readonly service: string; readonly replica: number } | undefined {
  const service = attributes[OPTIONAL_LABEL.service];
  if (service === undefined) return undefined;
  return { service, replica: Number(attributes["com.docker.compose.container-number"]) || 1 };
}

/** What happened to a container before: an event alone does not say all. */
export interface ContainerPast {
  /** How often it has been started, this time included. */
  readonly starts: number;
  /** The engine sent its present run a signal, or told that its memory ran out. */
  readonly isExplained: boolean;
}

export function describeEvent(event: EngineEvent, past: ContainerPast): TimelineEntry | undefined {
  const container = containerOf(event.attributes);
  const said = sayEvent(event, past);
  if (container === undefined || said === undefined) return undefined;
  const [type, text] = said;
  return { ...container, timestamp: timestampOf(event.time), type, text };
}

function sayEvent(
  { action, attributes }: EngineEvent,
  { starts, isExplained }: ContainerPast,
): readonly [TimelineEntry["type"], string] | undefined {
  switch (action) {
    case "start":
      return ["started", starts > 1 ? `was started again (${starts - 1})` : "was started"];
    case "die": {
      const said = sayExit(attributes["exitCode"]);
      if (attributes["exitCode"] !== KILLED || isExplained) return ["exited", said];
      // A busy engine misses that memory ran out (containerd/containerd#6323): no proof, but a hint.
      return [
        "exited",
        `${said}; nobody sent it that signal, memory may have run out${limit(attributes)}`,
      ];
    }
    case "oom":
      return ["oom", `was OOM-killed here${limit(attributes)}`];
    case "kill":
      return ["killed", `was sent ${signalName(Number(attributes["signal"]))}`];
    case "pause":
      return ["paused", "was paused"];
    case "unpause":
      return ["unpaused", "was unpaused"];
    case "destroy":
      return ["removed", "was removed"];
    case ENGINE_RESTART:
      return ["engine-restarted", "went down with the engine, which was restarted here"];
    case "health_status: healthy":
      return ["healthy", "became healthy"];
    case "health_status: unhealthy":
      return ["unhealthy", "became unhealthy"];
    default:
      return undefined;
  }
}

/** The exit code of what SIGKILL ended. */
const KILLED = "137";

function sayExit(exitCode = "unknown"): string {
  const signal = exitSignal(Number(exitCode));
  return signal === undefined
    ? `exited with code ${exitCode}`
    : `was killed by ${signal} (${exitCode})`;
}

function limit(attributes: Readonly<Record<string, string>>): string {
  const bytes = Number(attributes[OPTIONAL_LABEL.memory]);
  return bytes > 0 ? `, limit ${Math.round((bytes / MIB) * 10) / 10} MiB` : "";
}

/** RFC 3339 with nanoseconds, as far as a number of seconds is exact. */
export function timestampOf(seconds: number): string {
  const whole = Math.floor(seconds);
  const nanoseconds = Math.floor((seconds - whole) * 1e9);
  const text = new Date(whole * 1_000).toISOString().slice(0, 19);
  return `${text}.${String(nanoseconds).padStart(9, "0")}Z`;
}

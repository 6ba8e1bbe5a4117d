import type { LifecycleEvent } from "@real-services/core";
import { formatDuration } from "./duration.ts";
import { summarize } from "./post-mortem.ts";

export type Tone = "green" | "yellow" | "red" | "dim";

/** One line: whom it is about, in which state, and what more there is to say. */
export interface Line {
  readonly label: string;
  readonly state: string;
  readonly text: string;
  readonly tone?: Tone;
  /** Shown only the first time it is said. */
  readonly once?: boolean;
}

/** With several environments a service alone does not say enough. */
export function labelOf(environment: string, service: string, several: boolean): string {
  return several ? `${environment}/${service}` : service;
}

/** The plain lines for one event; most events need none. */
export function describeEvent(event: LifecycleEvent, several: boolean): Line[] {
  switch (event.type) {
    case "engine:starting":
      return [{ label: "engine", state: "starting", text: event.how, tone: "yellow", once: true }];
    case "warning": {
      const label = event.service ?? event.environment;
      return [{ label, state: "warning", text: event.message, tone: "yellow", once: true }];
    }
    case "conflict": {
      const label = event.service ?? event.environment;
      const text = `${event.message} (attempt ${event.attempt})`;
      return [{ label, state: "conflict", text, tone: "yellow" }];
    }
    case "memory:waiting": {
      const amount = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MiB`;
      const others = event.holders.map((one) => `${one.environment} ${amount(one.bytes)}`);
      const text = `for ${amount(event.bytes)} of memory, ${amount(event.free)} of ${amount(event.capacity)} are free; after ${others.join(", ")}`;
      return [{ label: event.environment, state: "waiting", text, tone: "yellow" }];
    }
    case "image:building":
      return [{ label: "images", state: "building", text: event.services.join(", ") }];
    case "image:pulling":
      return [{ label: "images", state: "pulling", text: event.images.join(", ") }];
    case "image:built":
      return [images("built", event.services, event.durationMs)];
    case "image:pulled":
      return [images("pulled", event.images, event.durationMs)];
    case "service:follows": {
      const label = labelOf(event.environment, event.service, several);
      const text = `after ${event.after.join(", ")} (depends_on with restart: true)`;
      return [{ label, state: "restarts", text, tone: "yellow" }];
    }
    case "service:ready": {
      const label = labelOf(event.environment, event.service, several);
      const text = formatDuration(event.sinceAcquireMs);
      return [{ label, state: event.completed ? "done" : "ready", text, tone: "green" }];
    }
    case "service:failed": {
      const label = labelOf(event.environment, event.service, several);
      return [{ label, state: "failed", text: summarize(event.postMortem), tone: "red" }];
    }
    case "environment:ready": {
      const text = formatDuration(event.sinceAcquireMs);
      return [{ label: event.environment, state: "ready", text, tone: "green" }];
    }
    case "environment:adopted": {
      const text = `it was on the engine already, and stays after this run until ${event.until}`;
      return [{ label: event.environment, state: "adopted", text, tone: "green" }];
    }
    case "service:force-killed": {
      const label = labelOf(event.environment, event.service, several);
      const text = `did not end within its grace period of ${formatDuration(event.graceMs)}`;
      return [{ label, state: "killed", text, tone: "yellow" }];
    }
    case "environment:released": {
      const text = formatDuration(event.durationMs);
      return [{ label: event.environment, state: "removed", text, tone: "dim" }];
    }
    case "sweep": {
      const { environment, action, reason } = event.decision;
      if (action === "kept") return [];
      const [state, tone]: [string, Tone] =
        action === "removed" ? ["swept", "dim"] : ["warning", "yellow"];
      return [{ label: environment, state, text: reason, tone }];
    }
    default:
      return [];
  }
}

function images(state: string, names: readonly string[], durationMs: number): Line {
  const text = `${formatDuration(durationMs)}  ${names.join(", ")}`;
  return { label: "images", state, text, tone: "green" };
}

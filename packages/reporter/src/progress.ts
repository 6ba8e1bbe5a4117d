import type { LifecycleEvent } from "@real-services/core";
import { describeEvent, type Line } from "./describe-event.ts";
import { createLiveView } from "./live-view.ts";
import { paintFor } from "./paint.ts";
import { renderProfile } from "./start-profile.ts";

export interface ProgressOptions {
  /** @default process.stderr, so that reporters may own stdout */
  stream?: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  /** One live line per service instead of plain lines. @default on a terminal outside CI */
  live?: boolean;
  /** After each start, show where its time went. @default REAL_SERVICES_VERBOSE=1 */
  verbose?: boolean;
  /** The clock, in milliseconds. @default performance.now */
  now?: () => number;
}

export interface Progress {
  /** To be registered with `EnvironmentManager.subscribe`. */
  readonly listener: (event: LifecycleEvent) => void;
  /** A line of the caller's own, in the same columns. */
  note(label: string, state: string, text?: string): void;
  /** A text of several lines that has to stay, such as an error. */
  print(text: string): void;
  /** Ends the live lines; what they show stays on the screen. */
  done(): void;
}

const PREFIX = "real-services";
/** A terminal with fewer columns needs them for what happens. */
const LEAST_WITH_PREFIX = 60;
const STATE_WIDTH = 9;

/**
 * Shows what happens to environments: on a terminal one live line per service, elsewhere one plain
 * line per thing that happened. Warnings are shown once.
 */
export function createProgress(options: ProgressOptions = {}): Progress {
  const stream = options.stream ?? process.stderr;
  const paint = paintFor(stream);
  const now = options.now ?? (() => performance.now());
  const isLive = options.live ?? (stream.isTTY === true && !process.env["CI"]);
  const view = isLive ? createLiveView({ stream, now, format }) : undefined;
  const verbose = options.verbose ?? process.env["REAL_SERVICES_VERBOSE"] === "1";
  const environments = new Set<string>();
  const said = new Set<string>();
  let width = 0;

  function format({ label, state, text, tone }: Line): string {
    const painted = tone === undefined ? state : paint(tone, state);
    const padding = " ".repeat(Math.max(0, STATE_WIDTH - state.length));
    const columns = [label.padEnd(width), painted + padding, text].join("  ").trimEnd();
    const isNarrow = isLive && (stream.columns ?? LEAST_WITH_PREFIX) < LEAST_WITH_PREFIX;
    return isNarrow ? columns : `${paint("dim", PREFIX)}  ${columns}`;
  }

  function print(text: string): void {
    if (view === undefined) stream.write(`${text}\n`);
    else view.print(text);
  }

  function write(line: Line): void {
    if (line.once === true) {
      const sentence = `${line.label} ${line.text}`;
      if (said.has(sentence)) return;
      said.add(sentence);
    }
    print(format(line));
  }

  return {
    listener(event) {
      if (event.type === "services:planned") {
        environments.add(event.environment);
        if (event.replaces !== undefined) environments.delete(event.replaces);
        width = Math.max(
          width,
          event.environment.length,
          ...event.services.map(({ length }) => length),
        );
      }
      if (view?.update(event) !== true) {
        for (const line of describeEvent(event, environments.size > 1)) write(line);
      }
      if (verbose && event.type === "environment:ready") print(renderProfile(event.profile, paint));
    },
    note: (label, state, text = "") => write({ label, state, text }),
    print,
    done: () => view?.done(),
  };
}

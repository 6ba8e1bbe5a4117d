import type { LifecycleEvent } from "@real-services/core";
import { createLogUpdate } from "log-update";
import { type Line, labelOf, type Tone } from "./describe-event.ts";
import { formatDuration } from "./duration.ts";
import { summarize } from "./post-mortem.ts";
import { type Pull, summarizePull } from "./pull.ts";

/** Often enough to look alive, rarely enough to cost nothing. */
const FRAME_MS = 100;

interface Row {
  readonly environment: string;
  readonly service: string;
  state: string;
  tone: Tone;
  text: string | undefined;
  /** While set, the row shows the time since. */
  since: number | undefined;
}

export interface LiveView {
  /** False for an event that has no place in the rows, and so needs a line of its own. */
  update(event: LifecycleEvent): boolean;
  /** Writes above the rows, for good. */
  print(text: string): void;
  /** Lets go of the rows: they stay as they are. */
  done(): void;
}

export interface LiveViewOptions {
  readonly stream: NodeJS.WritableStream;
  readonly now: () => number;
  readonly format: (line: Line) => string;
}

/** One line per service, redrawn in place until its environment is ready. */
export function createLiveView({ stream, now, format }: LiveViewOptions): LiveView {
  // A hidden cursor would have to be brought back by an exit hook; there is one less to go wrong.
  const log = createLogUpdate(stream, { showCursor: true });
  const rows = new Map<string, Row>();
  const ready = new Set<string>();
  const pulls = new Map<string, Pull>();
  let timer: NodeJS.Timeout | undefined;

  function draw(): void {
    if (rows.size === 0) return;
    const several = new Set([...rows.values()].map(({ environment }) => environment)).size > 1;
    const text = [...rows.values()].map((row) =>
      format({
        label: labelOf(row.environment, row.service, several),
        state: row.state,
        tone: row.tone,
        text: row.text ?? (row.since === undefined ? "" : formatDuration(now() - row.since)),
      }),
    );
    log(text.join("\n"));
  }

  function change(environment: string, service: string, changes: Partial<Row>): void {
    const row = rows.get(`${environment}/${service}`);
    if (row !== undefined) Object.assign(row, { text: undefined, since: undefined }, changes);
    draw();
  }

  /** One row for all images of an environment, below its services. */
  function drawPull(environment: string): void {
    const text = summarizePull(pulls.get(environment) ?? new Map());
    const row: Row = {
      environment,
      service: "images",
      state: "pulling",
      tone: "yellow",
      text,
      since: undefined,
    };
    // No service is named like that: the key has one more slash.
    rows.set(`${environment}//images`, row);
  }

  function done(): void {
    clearInterval(timer);
    timer = undefined;
    if (rows.size === 0) return;
    draw();
    rows.clear();
    log.done();
  }

  return {
    update(event) {
      switch (event.type) {
        case "services:planned":
          for (const [key, row] of rows) if (row.environment === event.replaces) rows.delete(key);
          for (const service of event.services) {
            rows.set(`${event.environment}/${service}`, {
              environment: event.environment,
              service,
              state: "waiting",
              tone: "dim",
              text: "",
              since: undefined,
            });
          }
          timer ??= setInterval(draw, FRAME_MS).unref();
          draw();
          return true;
        case "image:pulling":
          pulls.set(event.environment, new Map(event.images.map((image) => [image, undefined])));
          drawPull(event.environment);
          draw();
          return true;
        case "image:progress":
          // Drawn with the next frame: there are many of these.
          pulls.get(event.environment)?.set(event.image, event);
          drawPull(event.environment);
          return true;
        case "image:pulled":
          pulls.delete(event.environment);
          rows.delete(`${event.environment}//images`);
          return false;
        case "service:started":
          change(event.environment, event.service, {
            state: "starting",
            tone: "yellow",
            since: now() - event.sinceAcquireMs,
          });
          return true;
        case "service:ready":
          change(event.environment, event.service, {
            state: event.completed ? "done" : "ready",
            tone: "green",
            text: formatDuration(event.sinceAcquireMs),
          });
          return true;
        case "service:failed":
          change(event.environment, event.service, {
            state: "failed",
            tone: "red",
            text: summarize(event.postMortem),
          });
          return true;
        case "environment:ready":
          ready.add(event.environment);
          // What comes after stands below rows that no longer change.
          if ([...rows.values()].every((row) => ready.has(row.environment))) done();
          return false;
        default:
          return false;
      }
    },
    print: (text) => {
      if (rows.size === 0) stream.write(`${text}\n`);
      else log.persist(text);
      draw();
    },
    done,
  };
}

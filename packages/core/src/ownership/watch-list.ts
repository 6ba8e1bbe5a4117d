import { type EnvironmentLabels, readLabels, writeLabels } from "../stack/labels.ts";

/** An environment that a watchdog answers for, and the engine it is on. */
export interface Watched {
  readonly labels: EnvironmentLabels;
  /** As in DOCKER_HOST. */
  readonly engine: string;
}

/** What an owner tells its watchdog: one line each. */
export type WatchMessage =
  | { readonly type: "watch"; readonly watched: Watched }
  | { readonly type: "let-go"; readonly id: string };

export function writeMessage(message: WatchMessage): string {
  const plain =
    message.type === "let-go"
      ? message
      : {
          type: message.type,
          engine: message.watched.engine,
          labels: writeLabels(message.watched.labels),
        };
  return `${JSON.stringify(plain)}\n`;
}

/** Undefined for what `writeMessage` did not make. */
export function readMessage(line: string): WatchMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("type" in value)) return undefined;
  if (value.type === "let-go") {
    return "id" in value && typeof value.id === "string"
      ? { type: "let-go", id: value.id }
      : undefined;
  }
  if (value.type !== "watch" || !("engine" in value) || !("labels" in value)) return undefined;
  const { engine, labels: raw } = value;
  if (typeof engine !== "string" || typeof raw !== "object" || raw === null) return undefined;
  const texts = Object.entries(raw).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const labels = readLabels(Object.fromEntries(texts));
  return labels === undefined ? undefined : { type: "watch", watched: { labels, engine } };
}

/** The environments that are left to answer for, from the owner's words so far. */
export class WatchList {
  readonly #watched = new Map<string, Watched>();
  #rest = "";

  /** Text as it comes; a line that its writer did not live to finish says nothing. */
  hear(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const message = readMessage(line);
      if (message?.type === "watch") this.#watched.set(message.watched.labels.id, message.watched);
      if (message?.type === "let-go") this.#watched.delete(message.id);
    }
  }

  get left(): readonly Watched[] {
    return [...this.#watched.values()];
  }
}

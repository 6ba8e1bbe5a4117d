import { LABEL } from "../stack/labels.ts";
import type { EngineClient } from "./client.ts";
import type { EngineEvent } from "./engine-shapes.ts";

export interface EventSubscriber {
  readonly onEvent: (event: EngineEvent) => void;
  /** The stream was cut and is open again: events may be missing, so look for yourself. */
  readonly onReopened: () => void;
}

/** Until a stream that the engine ended is opened again, and between two attempts. */
const REOPEN_MS = 50;
const RETRY_MS = 1_000;

/**
 * One stream of container events for all environments of this process on one engine. It is open
 * while somebody listens. A stream that is cut goes on from its last event.
 */
export class EngineEvents {
  readonly #client: EngineClient;
  readonly #subscribers = new Map<string, Set<EventSubscriber>>();
  #opening: Promise<void> | undefined;
  #stop = new AbortController();
  #last: number | undefined;

  constructor(client: EngineClient) {
    this.#client = client;
  }

  /**
   * Resolves once nothing can be missed; listens until the signal fires. Several may listen for one
   * environment. @param id of the environment
   */
  async subscribe(id: string, subscriber: EventSubscriber, signal: AbortSignal): Promise<void> {
    const others = this.#subscribers.get(id) ?? new Set();
    this.#subscribers.set(id, others.add(subscriber));
    signal.addEventListener("abort", () => this.#unsubscribe(id, subscriber), { once: true });
    this.#opening ??= this.#open();
    try {
      await this.#opening;
    } catch (error) {
      this.#unsubscribe(id, subscriber);
      throw error;
    }
  }

  #unsubscribe(id: string, subscriber: EventSubscriber): void {
    const others = this.#subscribers.get(id);
    if (others?.delete(subscriber) !== true) return;
    if (others.size === 0) this.#subscribers.delete(id);
    if (this.#subscribers.size > 0) return;
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#opening = undefined;
    this.#last = undefined;
  }

  async #open(): Promise<void> {
    const { signal } = this.#stop;
    const onEvent = (event: EngineEvent) => {
      this.#last = event.time;
      const listening = this.#subscribers.get(event.attributes[LABEL.id] ?? "") ?? [];
      for (const { onEvent: tell } of listening) tell(event);
    };
    const { ended } = await this.#client.watchContainers(LABEL.id, this.#last, onEvent, signal);
    void ended.then(() => this.#reopen(signal, REOPEN_MS));
  }

  #reopen(signal: AbortSignal, afterMs: number): void {
    if (signal.aborted) return;
    const timer = setTimeout(() => {
      if (signal.aborted) return;
      this.#open().then(
        () => {
          const all = [...this.#subscribers.values()].flatMap((listening) => [...listening]);
          for (const { onReopened } of all) onReopened();
        },
        () => this.#reopen(signal, RETRY_MS),
      );
    }, afterMs);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  }
}

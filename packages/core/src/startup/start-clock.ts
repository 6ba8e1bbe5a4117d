import type { StartProfile } from "../environment.ts";
import type { StartNode } from "./planner.ts";
import { type StartRecord, startProfile } from "./start-profile.ts";

/** Notes when what happened to each service for the first time. */
export class StartClock {
  readonly #beganAt: number;
  readonly #records: ReadonlyMap<string, StartRecord>;

  /** @param beganAt when acquire began, in milliseconds since the epoch */
  constructor(
    services: readonly { readonly service: string; readonly image: string }[],
    beganAt: number,
  ) {
    this.#beganAt = beganAt;
    this.#records = new Map(services.map(({ service, image }) => [service, { image }]));
  }

  /** Returns how long after acquire it is now, in milliseconds. */
  note(service: string, moment: "requestedMs" | "startedMs" | "readyMs"): number {
    const sinceAcquireMs = Date.now() - this.#beganAt;
    const record = this.#records.get(service);
    if (record !== undefined) record[moment] ??= sinceAcquireMs;
    return sinceAcquireMs;
  }

  /** Where the time went, as far as it has got. */
  profile(nodes: readonly StartNode[], createdMs: number): StartProfile {
    return startProfile(nodes, this.#records, createdMs);
  }
}

import { RealServicesError, unknownService } from "@real-services/core";
import type { ServiceMap } from "../provided.ts";

/** What the language itself asks any object for. */
const NO_SERVICES = ["then", "toJSON"];

/**
 * The services as the user's functions get them, with an eye on what they ask for. A service that is
 * not there stays undefined, as `services.cache?.url` wants it; only where that did harm, its name
 * explains it.
 */
export class KnownServices {
  readonly services: ServiceMap;
  readonly #option: "env" | "prepare";
  #missed: string | undefined;

  constructor(option: "env" | "prepare", services: ServiceMap) {
    this.#option = option;
    this.services = new Proxy(services, {
      get: (target, name, receiver) => {
        const isService = typeof name === "string" && !NO_SERVICES.includes(name);
        if (isService && !(name in target)) this.#missed = name;
        return Reflect.get(target, name, receiver);
      },
    });
  }

  /** Why a function failed, if it was for a service that is not there. */
  explain(cause: unknown): RealServicesError | undefined {
    // In V8's words: `Cannot read properties of undefined`, `Cannot destructure … as it is undefined`.
    const isOfUndefined = cause instanceof TypeError && /\bundefined\b/.test(cause.message);
    return isOfUndefined ? this.unknown(cause) : undefined;
  }

  /** Names the service that was asked for last and is not there, and the nearest that is. */
  unknown(cause?: unknown): RealServicesError | undefined {
    if (this.#missed === undefined) return undefined;
    const { code, received, hint = "" } = unknownService(this.#missed, Object.keys(this.services));
    const message = `The option \`${this.#option}\` asks for the service “${this.#missed}”, which the environment does not have.`;
    return new RealServicesError(code, message, { received, hint, cause });
  }
}

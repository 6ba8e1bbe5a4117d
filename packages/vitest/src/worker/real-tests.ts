import { describe, test } from "vitest";
import { isRealServicesEnabled } from "./enabled.ts";
import { isIdle } from "./test-file.ts";

/** Off, or on but with every real test of the file filtered out. */
function isActive(): boolean {
  return isRealServicesEnabled() && !isIdle();
}

/** Skips a suite by its name alone. What comes before the name, such as `each(cases)`, is dropped. */
function skipUnread(name: unknown): unknown {
  return typeof name === "string" || typeof name === "function"
    ? describe.skip(titleOf(name))
    : inert;
}

function titleOf(name: string | { readonly name: string }): string {
  return typeof name === "string" ? name : name.name;
}

/** Every modifier of a suite that is not read is the same. */
const inert: typeof skipUnread = new Proxy(skipUnread, { get: () => inert });

/**
 * As `describe`, but skipped while real services are off; its body is not run then.
 *
 * @example
 * describeReal("orders", () => {
 *   test("are stored", async () => { … });
 * });
 */
export const describeReal: typeof describe = new Proxy(describe, {
  apply: (target, self, args) =>
    isActive() ? Reflect.apply(target, self, args) : skipUnread(args[0]),
  get: (target, key) => Reflect.get(isActive() ? target : inert, key),
});

/** As `test`, but skipped while real services are off. */
export const testReal: typeof test = new Proxy(test, {
  apply: (target, self, args) => Reflect.apply(isActive() ? target : target.skip, self, args),
  get: (target, key) => {
    if (isActive()) return Reflect.get(target, key);
    return Reflect.get(target.skip, key) ?? Reflect.get(target, key);
  },
});

/** The same as `testReal`. */
export const itReal: typeof test = testReal;

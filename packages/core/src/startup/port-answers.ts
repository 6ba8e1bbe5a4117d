import { connect } from "node:net";

/** A connection that stays open so long was taken by the service, not by the engine's proxy alone. */
const STAY_OPEN_MS = 100;
const CONNECT_MS = 2_000;

/**
 * Whether a service really listens behind a published port. The engine's proxy accepts before the
 * service does and then hangs up, so accepting proves nothing: staying open, or data, does.
 */
export function portAnswers(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (answer: boolean) => {
      signal.removeEventListener("abort", onAbort);
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = () => finish(false);
    let timer = setTimeout(() => finish(false), CONNECT_MS);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => {
      clearTimeout(timer);
      timer = setTimeout(() => finish(true), STAY_OPEN_MS);
    });
    socket.once("data", () => finish(true));
    for (const name of ["error", "end", "close"]) socket.once(name, () => finish(false));
  });
}

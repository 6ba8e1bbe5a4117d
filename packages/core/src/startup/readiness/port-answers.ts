import { connect } from "node:net";
import type { Conversation, Verdict } from "./greetings.ts";

/** A connection that stays open so long was taken by the service, not by the engine's proxy alone. */
const STAY_OPEN_MS = 100;
/** Who was greeted may be slow to answer; who was not greeted need not speak at all. */
const ANSWER_MS = 2_000;

/**
 * Whether a service really listens behind a published port. The engine's proxy accepts before the
 * service does and then hangs up, so accepting proves nothing: the right words do, and where no
 * words are known, or others are spoken, staying open or any data.
 */
export async function portAnswers(
  host: string,
  port: number,
  words: Conversation | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const verdict = await talk(host, port, words, signal);
  return (verdict === "other" ? await talk(host, port, undefined, signal) : verdict) === true;
}

function talk(
  host: string,
  port: number,
  words: Conversation | undefined,
  signal: AbortSignal,
): Promise<Verdict> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const socket = connect({ host, port });
    const finish = (answer: Verdict) => {
      signal.removeEventListener("abort", onAbort);
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = () => finish(false);
    let timer = setTimeout(() => finish(false), ANSWER_MS);
    signal.addEventListener("abort", onAbort, { once: true });
    const staysOpen = (sinceMs: number) => {
      const askedMs = performance.now();
      timer = setTimeout(() => {
        const now = performance.now();
        // Woken late on a busy machine: the engine's proxy may be as late to hang up.
        const isLate = now - askedMs > 1.5 * STAY_OPEN_MS;
        if (isLate && now - sinceMs < ANSWER_MS) staysOpen(sinceMs);
        // What the kernel knows already is heard before the verdict.
        else setImmediate(finish, true);
      }, STAY_OPEN_MS);
    };
    socket.once("connect", () => {
      if (words?.hello !== undefined) socket.write(words.hello);
      if (words !== undefined) return;
      clearTimeout(timer);
      staysOpen(performance.now());
    });
    let heard = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      if (words === undefined) return finish(true);
      heard = Buffer.concat([heard, chunk]);
      const serves = words.serves(heard);
      if (serves !== undefined) finish(serves);
    });
    const hangUp = () => finish(words?.hangsUp ?? false);
    for (const name of ["error", "end", "close"]) socket.once(name, hangUp);
  });
}

/** What to do where the engine's disk is full; undefined where what it said is something else. */
export function diskAdvice(said: string): string | undefined {
  return /no space left on device|disk quota exceeded/i.test(said)
    ? "The engine's disk is full: `docker system df` shows what takes the room."
    : undefined;
}

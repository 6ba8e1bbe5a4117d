const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * A signal that Ctrl-C and the like abort, so that a command cleans up what it has begun; the exit
 * code says which it was. A second Ctrl-C ends the process at once.
 */
export function interruption(): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const handlers = Object.entries(SIGNALS).map(([name, code]) => {
    const handler = () => {
      process.exitCode = code;
      end();
      controller.abort(new Error(`Interrupted by ${name}.`));
    };
    process.once(name, handler);
    return [name, handler] as const;
  });
  function end(): void {
    for (const [name, handler] of handlers) process.off(name, handler);
  }
  return { signal: controller.signal, end };
}

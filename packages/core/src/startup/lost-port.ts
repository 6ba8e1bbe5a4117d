/**
 * The port that the engine could not bind, undefined for other errors. The engine has three texts
 * for it: its own allocator's, and its proxy's before and after Engine 28.
 */
export function lostPort(error: unknown): number | undefined {
  const said = error instanceof Error ? error.message : "";
  const match =
    /Bind for \S+:(\d+) failed: port is already allocated/.exec(said) ??
    /listen (?:tcp|udp)[46]? \S+:(\d+): bind: (?:address already in use|permission denied)/.exec(
      said,
    ) ??
    /failed to bind host port(?: for)? \S+?:(\d+)[:/].*address already in use/.exec(said);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

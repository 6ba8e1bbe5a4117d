import { isIP } from "node:net";

/** What a command in a container came to: its own words differ from image to image. */
export interface ToolResult {
  readonly exitCode: number;
  readonly output: string;
}

interface Finding {
  readonly ok: boolean;
  readonly detail: string;
}

/** What a look-up of a name tells. @param addresses those that the name may have */
export function readLookUp(
  name: string,
  { exitCode, output }: ToolResult,
  addresses: readonly string[],
): Finding {
  const told = output.split(/\s+/).filter((word) => isIP(word) !== 0);
  const right = told.find((address) => addresses.includes(address));
  // A tool that also names its server does that first.
  const last = told.at(-1);
  if (exitCode !== 0 || last === undefined) {
    return { ok: false, detail: `${name} does not resolve` };
  }
  return right === undefined
    ? { ok: false, detail: `${name} resolves to ${last}, which is somebody else` }
    : { ok: true, detail: `${name} is ${right}` };
}

/** What an attempt to open a port tells. */
export function readOpening(port: number, { exitCode, output }: ToolResult): Finding {
  if (exitCode === 0) return { ok: true, detail: `${port} open` };
  return { ok: false, detail: `${port} ${whyClosed(exitCode, output)}` };
}

/** The exit codes by which `timeout` says that it has ended a command. */
const TIMED_OUT = [124, 143];

function whyClosed(exitCode: number, output: string): string {
  if (/refused/i.test(output)) return "refused";
  if (/unreachable|no route/i.test(output)) return "not reached: there is no route";
  if (TIMED_OUT.includes(exitCode) || /timed? ?out/i.test(output)) return "does not answer";
  return "does not open";
}

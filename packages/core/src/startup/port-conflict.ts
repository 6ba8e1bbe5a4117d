import type { EngineClient } from "../engine/client.ts";
import { RealServicesError } from "../errors.ts";
import { findPortHolder, type PortHolder } from "../ports/port-holder.ts";
import { lostPort } from "./lost-port.ts";

/** A service cannot be started because somebody else has bound its port: REAL_SERVICES_CONFLICT. */
export class PortConflict extends RealServicesError {
  /** Undefined when nobody can be seen there. */
  readonly holder: PortHolder | undefined;

  constructor(service: string, port: number, holder: PortHolder | undefined) {
    super(
      "REAL_SERVICES_CONFLICT",
      `Service “${service}” could not be started: its port ${port} is held by ${describe(holder)}.`,
      { received: port, hint: hintFor(port, holder) },
    );
    this.holder = holder;
  }
}

/** What the engine's refusal to start a service means, when it is about a port; undefined for all else. */
export async function portConflict(
  engine: EngineClient,
  service: string,
  error: unknown,
  signal: AbortSignal,
): Promise<PortConflict | undefined> {
  const port = lostPort(error);
  if (port === undefined) return undefined;
  const holder = await findPortHolder(engine, port, signal).catch(() => undefined);
  return new PortConflict(service, port, holder);
}

function describe(holder: PortHolder | undefined): string {
  if (holder === undefined) return "somebody who cannot be seen from here";
  if (holder.kind === "process") return `process ${holder.pid} (${holder.name})`;
  const { name, environment } = holder;
  return `container ${name}${environment === undefined ? "" : ` of environment ${environment}`}`;
}

function hintFor(port: number, holder: PortHolder | undefined): string {
  const other = "A service keeps its port; a new environment gets another one.";
  if (holder === undefined) {
    return `See who it is, with \`ss -ltnp\` or \`lsof -i :${port}\` as root on the engine's host, and stop it. ${other}`;
  }
  if (holder.kind === "process") return `Stop that process, and try again. ${other}`;
  const stop =
    holder.environment === undefined
      ? `docker stop ${holder.name}`
      : `npx docker-manual stop ${holder.environment}`;
  return `\`${stop}\`, and try again. ${other}`;
}

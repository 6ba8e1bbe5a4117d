import { replicasOf } from "./isolate-networks.ts";
import type { ComposeModel, ComposePort } from "./model.ts";

/** A published port that needs a lease: as many host ports in a row as the service has replicas. */
export interface PortSlot {
  readonly service: string;
  readonly target: number;
  readonly protocol: "tcp" | "udp";
  readonly count: number;
}

/** Ports that the user wants published although the file does not: `{ backend: [9229] }`. */
export type ExtraPorts = Readonly<Record<string, readonly number[]>>;

/** The ports to lease, in the order in which `isolatePorts` takes them. */
export function portSlots(model: ComposeModel, extra: ExtraPorts): PortSlot[] {
  return Object.entries(model.services).flatMap(([service, definition]) => {
    const count = replicasOf(definition);
    if (count === 0) return [];
    return portsOf(definition.ports, extra[service]).map((port) => ({
      service,
      target: port.target,
      protocol: protocolOf(port),
      count,
    }));
  });
}

/** One service's ports on the host ports given: a number for one container, a range for replicas. */
export function isolatePorts(
  ports: readonly ComposePort[] | undefined,
  extra: readonly number[] | undefined,
  hostPorts: Iterator<readonly number[], undefined>,
  address: string,
): ComposePort[] {
  return portsOf(ports, extra).map((port) => {
    return { ...port, host_ip: address, published: toPublished(hostPorts.next().value ?? []) };
  });
}

/** In Compose's words: a number, or a range that its replicas share. */
export function toPublished(block: readonly number[]): string {
  return block.length === 1 ? String(block[0]) : `${block[0]}-${block.at(-1)}`;
}

export function protocolOf(port: ComposePort): "tcp" | "udp" {
  return port.protocol === "udp" ? "udp" : "tcp";
}

function portsOf(
  ports: readonly ComposePort[] | undefined,
  extra: readonly number[] | undefined,
): ComposePort[] {
  const declared = ports ?? [];
  const added = (extra ?? []).filter(
    (target) => !declared.some((port) => port.target === target && protocolOf(port) === "tcp"),
  );
  return [...declared, ...added.map((target) => ({ mode: "ingress", target, protocol: "tcp" }))];
}

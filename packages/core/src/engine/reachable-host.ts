import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { EngineClient } from "./client.ts";

/** Where published ports are bound on the engine's host, and by what name this process reaches them. */
export interface ReachableHost {
  readonly bindAddress: string;
  readonly host: string;
  /** This process can see whether a port is free there: a probe of its own means something. */
  readonly isLocal: boolean;
}

/** Never `localhost`, which may resolve to an address that nothing listens on. */
export const LOOPBACK = "127.0.0.1";

/**
 * Loopback where the engine runs beside this process. An engine on another machine publishes on
 * all of its addresses and is reached by its own name. From inside a container of the same engine,
 * the host's loopback is not ours: ports are published on the gateway of the container's network.
 * What the user gives wins.
 */
export async function findReachableHost(
  engine: EngineClient,
  given: { readonly bindAddress: string | undefined; readonly host: string | undefined },
  signal?: AbortSignal,
): Promise<ReachableHost> {
  const found = remoteHost(engine) ?? (await hostFromInside(engine, signal)) ?? LOCAL;
  const bindAddress = given.bindAddress ?? found.bindAddress;
  const wildcard = bindAddress === "0.0.0.0" || bindAddress === "::";
  // An address given to bind on is also where to find it, unless it stands for all addresses.
  const host =
    given.host ?? (given.bindAddress === undefined || wildcard ? found.host : bindAddress);
  return { bindAddress, host, isLocal: found.isLocal };
}

const LOCAL: ReachableHost = { bindAddress: LOOPBACK, host: LOOPBACK, isLocal: true };

function remoteHost(engine: EngineClient): ReachableHost | undefined {
  const { host } = engine.endpoint.connection;
  if (host === undefined) return undefined;
  const isLoopback = host === "localhost" || host === "::1" || host.startsWith("127.");
  return isLoopback ? LOCAL : { bindAddress: "0.0.0.0", host, isLocal: false };
}

async function hostFromInside(
  engine: EngineClient,
  signal: AbortSignal | undefined,
): Promise<ReachableHost | undefined> {
  const id = /\/containers\/([0-9a-f]{64})\//.exec(await readText("/proc/self/mountinfo"))?.[1];
  if (id === undefined) return undefined;
  // An engine that does not know this container runs inside of it, or has nothing to do with it.
  const self = await engine.inspectContainer(id, signal).catch(() => undefined);
  if (self === undefined || self.networkMode === "host") return undefined;
  const gateway = defaultGateway(await readText("/proc/net/route"));
  return gateway === undefined
    ? undefined
    : { bindAddress: gateway, host: gateway, isLocal: false };
}

/** The kernel writes addresses as hexadecimal numbers of its own byte order, the lowest byte first. */
export function defaultGateway(routes: string): string | undefined {
  for (const line of routes.split("\n").slice(1)) {
    const [, destination, gateway] = line.split("\t");
    if (destination !== "00000000" || gateway === undefined) continue;
    const address = (gateway.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse();
    const text = address.join(".");
    if (isIP(text) === 4) return text;
  }
  return undefined;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}

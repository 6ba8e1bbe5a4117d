import type { EngineClient } from "../engine/client.ts";

export interface StopRequest {
  readonly engine: EngineClient;
  /** Who waits for whom at the start. */
  readonly nodes: readonly {
    readonly service: string;
    readonly dependsOn: readonly { readonly service: string }[];
  }[];
  readonly containersOf: (service: string) => readonly string[];
  readonly graceSecondsOf: (service: string) => number;
  /** A service that did not end within its grace and was killed. */
  readonly onForceKilled: (service: string) => void;
}

/** What the engine makes of SIGKILL, the end of its patience. */
const KILLED = 137;

/**
 * Sends every service its own stop signal, each as soon as all that depend on it have ended, and
 * kills what does not end within its own grace period.
 */
export async function stopGracefully(request: StopRequest): Promise<void> {
  const { engine, nodes, containersOf, graceSecondsOf, onForceKilled } = request;
  const stops = new Map<string, Promise<void>>();
  const stop = (service: string): Promise<void> => {
    const known = stops.get(service);
    if (known !== undefined) return known;
    const stopping = stopOne(service);
    stops.set(service, stopping);
    return stopping;
  };
  const stopOne = async (service: string): Promise<void> => {
    const dependants = nodes.filter((node) =>
      node.dependsOn.some((dependency) => dependency.service === service),
    );
    await Promise.all(dependants.map((node) => stop(node.service)));
    const killed = await Promise.all(
      containersOf(service).map((id) => stopContainer(engine, id, graceSecondsOf(service))),
    );
    if (killed.includes(true)) onForceKilled(service);
  };
  await Promise.all(nodes.map(({ service }) => stop(service)));
}

/** Whether it had to be killed. What had ended before, however it did, is not meant. */
async function stopContainer(engine: EngineClient, id: string, grace: number): Promise<boolean> {
  try {
    const before = await engine.inspectContainer(id);
    if (before.state !== "running" && before.state !== "paused") return false;
    await engine.stopContainer(id, grace);
    const after = await engine.inspectContainer(id);
    return after.exitCode === KILLED && !after.oomKilled;
  } catch {
    // Gone already, or an engine in trouble: the removal that follows says so if it matters.
    return false;
  }
}

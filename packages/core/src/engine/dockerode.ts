import type Dockerode from "dockerode";
import type { EngineEndpoint } from "./endpoint.ts";

/** Its types, for those who read the engine's answers. */
export type { Dockerode };

/** A container as testcontainers' wait strategies want it. Loaded only then: it takes 0.2 s. */
export async function dockerodeContainer(
  endpoint: EngineEndpoint,
  id: string,
): Promise<Dockerode.Container> {
  const { default: Docker } = await import("dockerode");
  return new Docker(endpoint.connection).getContainer(id);
}

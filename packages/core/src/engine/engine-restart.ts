import type { ContainerAccount } from "./engine-shapes.ts";

const IS_DEFAULT = "com.docker.network.bridge.default_bridge";

/**
 * When an engine was started, in milliseconds by its own clock: it says so nowhere, but makes its
 * default network anew at each start. One that keeps containers alive meanwhile (live-restore) keeps
 * the network as well; then nothing has happened to them. Podman has nothing that is started, and
 * gives its network, which lacks Docker's option, the time of the question.
 */
export function engineStart(network: {
  readonly Created: string;
  readonly Options?: Readonly<Record<string, string>> | null | undefined;
}): number | undefined {
  if (network.Options?.[IS_DEFAULT] !== "true") return undefined;
  const startedAt = Date.parse(network.Created);
  return Number.isNaN(startedAt) ? undefined : startedAt;
}

/**
 * Why a container may have ended, or begun anew, without anybody's doing: all that runs goes down
 * with the engine. Undefined when it was made after that.
 * @param startedAt of the engine, in milliseconds; undefined when that is not known
 */
export function sayRestart(
  { createdAt }: Pick<ContainerAccount, "createdAt">,
  startedAt: number | undefined,
): string | undefined {
  if (startedAt === undefined || !(startedAt > Date.parse(createdAt))) return undefined;
  return `the engine was restarted at ${new Date(startedAt).toISOString()}`;
}

import type { ContainerAccount } from "./engine-shapes.ts";

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

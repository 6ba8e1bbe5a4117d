import type { EngineClient } from "../engine/client.ts";
import type { ContainerAccount } from "../engine/engine-shapes.ts";
import { engineStatus } from "../engine/engine-status.ts";
import { toldOutOfMemory } from "./told-out-of-memory.ts";

/** What the engine tells of a container: nothing of one that is gone. */
export interface LastLook {
  readonly details?: ContainerAccount | undefined;
  /** Why it tells nothing of this one. */
  readonly trouble?: string | undefined;
  /** Why it tells nothing at all, with what was thrown. */
  readonly silence?: Error | undefined;
}

/** An engine that is there answers that in milliseconds, a busy one in a second. */
const SIGN_OF_LIFE_MS = 2_000;

export async function lookOnceMore(
  engine: EngineClient,
  id: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<LastLook> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  try {
    return { details: await toldOutOfMemory(() => engine.inspectContainer(id, either)) };
  } catch (error) {
    const status = engineStatus(error);
    if (status === 404 || signal.aborted) return {};
    const said = error instanceof Error ? error.message : String(error);
    if (status !== undefined) return { trouble: said };
    if (!deadline.aborted) return { silence: silent(said, error) };
    const late = `nothing came within ${timeoutMs / 1_000} s`;
    // A container may be stuck, with a mount or in its start, that the engine then waits for as well.
    const isThere = await engine.info(SIGN_OF_LIFE_MS, signal).then(
      () => true,
      () => false,
    );
    return isThere
      ? { trouble: `the engine was asked how it is, and ${late}` }
      : { silence: silent(late, error) };
  }
}

function silent(why: string, cause: unknown): Error {
  return new Error(`the engine stopped answering: ${why}`, { cause });
}

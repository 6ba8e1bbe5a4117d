import type { EngineClient } from "../engine/client.ts";
import { OPTIONAL_LABEL, readLabels } from "../stack/labels.ts";

/** What takes room on the engine and is ours, in bytes. */
export interface DiskUse {
  readonly environments: readonly {
    readonly name: string;
    /** What its containers have written into themselves. */
    readonly containerBytes: number;
    /** Of its named volumes and of the anonymous ones of its containers. */
    readonly volumeBytes: number;
  }[];
  /** Images that were built for environments; layers that others share count as well. */
  readonly images: readonly { readonly name: string; readonly bytes: number }[];
}

/** The engine measures every layer. */
const MEASURE_MS = 120_000;
/** The engine's own name for a volume that was given none. */
const ANONYMOUS = /^[0-9a-f]{64}$/;

export async function readDiskUse(engine: EngineClient): Promise<DiskUse> {
  const all = await engine.diskUse(MEASURE_MS);
  const environments = new Map<string, { containerBytes: number; volumeBytes: number }>();
  const add = (name: string | undefined, what: "containerBytes" | "volumeBytes", bytes: number) => {
    if (name === undefined) return;
    const use = environments.get(name) ?? { containerBytes: 0, volumeBytes: 0 };
    use[what] += Math.max(0, bytes);
    environments.set(name, use);
  };
  const users = new Map<string, string | undefined>();
  for (const { labels, bytes, volumes } of all.containers) {
    const name = readLabels(labels)?.environment;
    add(name, "containerBytes", bytes);
    for (const volume of volumes) users.set(volume, name);
  }
  for (const { name, labels, bytes } of all.volumes) {
    // An anonymous volume has no labels of ours: it is its container's, and goes with it.
    const owner = ANONYMOUS.test(name) ? users.get(name) : undefined;
    add(readLabels(labels)?.environment ?? owner, "volumeBytes", bytes);
  }
  return {
    environments: [...environments].map(([name, use]) => ({ name, ...use })),
    images: all.images
      .filter(({ labels }) => labels[OPTIONAL_LABEL.built] !== undefined)
      .map(({ name, bytes }) => ({ name, bytes })),
  };
}

/** Removes images that were built for environments and that no container uses. Returns their names. */
export async function removeBuiltImages(
  engine: EngineClient,
  dryRun: boolean,
): Promise<
  readonly { readonly name: string; readonly action: "removed" | "kept"; readonly reason: string }[]
> {
  const [images, containers] = await Promise.all([
    engine.listImages(OPTIONAL_LABEL.built),
    engine.listContainers([]),
  ]);
  const used = new Set(containers.map(({ imageId }) => imageId));
  return Promise.all(
    images.map(async ({ id, name }) => {
      if (used.has(id)) return { name, action: "kept" as const, reason: "a container uses it" };
      try {
        if (!dryRun) await engine.removeImage(id);
        return { name, action: "removed" as const, reason: "built for environments, used by none" };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return { name, action: "kept" as const, reason };
      }
    }),
  );
}

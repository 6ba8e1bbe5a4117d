import type { EnvironmentManager, EnvironmentOptions } from "@real-services/core";
import type { SelectedProject } from "../selection/select-projects.ts";
import { chooseServices } from "./choose-services.ts";
import { environmentOptions, sharingKey } from "./environment-options.ts";

/** What a project wants of the engine. */
export interface Wanted extends SelectedProject {
  readonly settings: EnvironmentOptions;
  /** Projects with equal keys share an environment. */
  readonly key: string;
  /** Every service of its stack, also those that were not asked for. */
  readonly stack: readonly string[];
}

interface PlanOptions {
  readonly manager: Pick<EnvironmentManager, "resolveStack">;
  /** From the flag; undefined for all. */
  readonly asked: readonly string[] | undefined;
  /** There is no other project to share with: stacks need not be compared, which takes time. */
  readonly alone: boolean;
}

/** Works out which stack every project needs, and which projects need the same. */
export async function planEnvironments(
  selected: readonly SelectedProject[],
  { manager, asked, alone }: PlanOptions,
): Promise<readonly Wanted[]> {
  const own = selected.map((entry) => ({
    ...entry,
    settings: environmentOptions(entry.options, entry.project, undefined),
  }));
  if (alone && asked === undefined) {
    return own.map((entry) => ({ ...entry, key: "alone", stack: [] }));
  }
  const resolved = await Promise.all(
    own.map(async (entry) => ({ ...entry, ...(await manager.resolveStack(entry.settings)) })),
  );
  const known = new Set(resolved.flatMap(({ services }) => services));
  const wanted = await Promise.all(
    resolved.map(async ({ services: stack, hash, settings, ...entry }) => {
      const services = chooseServices(asked, stack, known);
      if (services === undefined) {
        return { ...entry, settings, stack, key: sharingKey(hash, settings, entry.options) };
      }
      // None of this project's: for core an empty list would mean all.
      if (services.length === 0) return undefined;
      const some = environmentOptions(entry.options, entry.project, services);
      const subset = await manager.resolveStack(some);
      const key = sharingKey(subset.hash, some, entry.options);
      return { ...entry, settings: some, stack, key };
    }),
  );
  return wanted.filter((entry) => entry !== undefined);
}

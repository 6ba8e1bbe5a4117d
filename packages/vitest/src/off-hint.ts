import { glob } from "node:fs/promises";
import { relative, resolve } from "node:path";
import type { Reporter, TestProject, Vitest } from "vitest/node";

/** A project in which real services are off. */
interface OffProject {
  readonly project: TestProject;
  /** Globs of the files that need real services. */
  readonly include: readonly string[];
  /** What the project leaves out by itself. */
  readonly exclude: readonly string[];
}

/** Where a run with real services off finds no file, says how many it would have found with them on. */
export class OffHint {
  readonly reporter: Reporter = {
    onTestRunStart: async (specifications) => {
      if (specifications.length === 0) await this.#say();
    },
  };
  readonly #vitest: Vitest;
  readonly #projects: OffProject[] = [];

  constructor(vitest: Vitest) {
    this.#vitest = vitest;
  }

  add(project: OffProject): void {
    this.#projects.push(project);
  }

  async #say(): Promise<void> {
    // There, that nothing is found may have other reasons.
    const { changed, related, shard } = this.#vitest.config;
    if (changed || related !== undefined || shard !== undefined) return;
    // Not among the published types.
    const filters: unknown = Reflect.get(this.#vitest, "filenamePattern") ?? [];
    const files = new Set<string>();
    for (const { project, include, exclude } of this.#projects) {
      const dir = project.config.dir || project.config.root;
      for await (const found of glob([...include], { cwd: dir, exclude: [...exclude] })) {
        const file = resolve(dir, found);
        if (isWanted(file, dir, filters)) files.add(file);
      }
    }
    if (files.size === 0) return;
    const which = files.size === 1 ? "1 file needs" : `${files.size} files need`;
    this.#vitest.logger.error(`${which} real services: run with --real-services`);
  }
}

/** As Vitest filters: a part of the path below the project's folder, or the beginning of the whole. */
function isWanted(file: string, dir: string, filters: unknown): boolean {
  if (!Array.isArray(filters) || filters.length === 0) return true;
  const path = relative(dir, file).toLowerCase();
  return filters.map(withoutLine).some((filter) => {
    const isPart = path.includes(filter.toLowerCase());
    return isPart || path.includes(relative(dir, filter).toLowerCase()) || file.startsWith(filter);
  });
}

function withoutLine(filter: unknown): string {
  return String(filter).replace(/:\d+$/, "");
}

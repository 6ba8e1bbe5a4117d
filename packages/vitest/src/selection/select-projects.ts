import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import picomatch from "picomatch";
import type { TestSpecification, Vitest } from "vitest/node";
import { includeOf } from "../options.ts";
import type { RealProject } from "../real-run.ts";
import { runsRealTest } from "./name-filter.ts";

/** A project of which this run has at least one file that needs services. */
export interface SelectedProject extends RealProject {
  /** Those files. */
  readonly files: readonly string[];
  /** Files whose real tests are all filtered out. */
  readonly idle: readonly string[];
}

/** What gives a file away that is not named as a real test. */
const USES_SERVICES = /["']@real-services\/vitest\/test["']|\binject\(\s*["']realServices["']/;

/** Which projects need their services, judged by the files that every filter has left. */
export async function selectProjects(
  specifications: readonly TestSpecification[],
  projects: readonly RealProject[],
  vitest: Vitest,
): Promise<readonly SelectedProject[]> {
  const selected: SelectedProject[] = [];
  for (const entry of projects) {
    const { project } = entry;
    const own = specifications.filter(
      (specification) => specification.project === project && specification.pool !== "typescript",
    );
    const isReal = picomatch([...includeOf(entry.options)], { dot: true });
    const pattern = namePattern(vitest, entry);
    const verdicts = await Promise.all(
      own.map(async ({ moduleId }) => {
        const named = isReal(relative(project.config.dir || project.config.root, moduleId));
        const source = named && pattern === undefined ? "" : await readFile(moduleId, "utf8");
        if (!named && !USES_SERVICES.test(source)) return { moduleId, verdict: "unit" as const };
        const runs =
          pattern === undefined || (await runsRealTest({ project, moduleId, pattern, named }));
        return { moduleId, verdict: runs ? ("real" as const) : ("idle" as const) };
      }),
    );
    const filesThat = (wanted: "real" | "idle"): string[] =>
      verdicts.filter(({ verdict }) => verdict === wanted).map(({ moduleId }) => moduleId);
    const files = filesThat("real");
    const idle = filesThat("idle");
    project.provide("realServicesRun", { idle, failed: undefined });
    if (files.length > 0) selected.push({ ...entry, files, idle });
  }
  return selected;
}

/** The `-t` of this run. In watch mode it changes without the configuration changing. */
function namePattern(vitest: Vitest, { project }: RealProject): RegExp | undefined {
  return vitest.getGlobalTestNamePattern?.() ?? project.config.testNamePattern;
}

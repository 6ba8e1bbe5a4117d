import { relative } from "node:path";
import type { TestProject } from "vitest/node";
import { parseAst } from "vitest/node";
import { mayRunRealTest } from "./static-names.ts";

/**
 * Whether a file has a real test whose name may match. Answers yes whenever the names cannot be
 * read without running the file: services started for nothing cost a second, services missing cost
 * the run.
 */
export async function runsRealTest(question: {
  readonly project: TestProject;
  readonly moduleId: string;
  readonly pattern: RegExp;
  /** Every test of the file is a real one. */
  readonly named: boolean;
}): Promise<boolean> {
  const { project, moduleId, pattern, named } = question;
  try {
    // The workers will ask for the same transform: it is not done twice.
    const transformed = await project.vite.environments.ssr.transformRequest(moduleId);
    if (transformed === null) return true;
    return mayRunRealTest({
      program: parseAst(transformed.code),
      pattern,
      everyTest: named,
      file: relative(project.config.root, moduleId),
    });
  } catch {
    // A file that cannot be parsed fails in its worker, with a better message.
    return true;
  }
}

import { findProject, hasOptedIn, wasLinked } from "./project.ts";

/**
 * Links a project's `vitest` command once more when it has opted in, was linked, and an install has
 * displaced the link (`pnpm add -D vitest@…`, `npm rebuild`). A run is where it is noticed.
 */
export async function linkAgain(from: string): Promise<void> {
  try {
    const project = findProject(from);
    if (project === undefined || !wasLinked(project) || !hasOptedIn(project)) return;
    const { link, linkState } = await import("./link.ts");
    if (linkState(project) !== "vitest") return;
    await link(project);
    console.error("real-services  an install had displaced the link of `vitest`; it is back");
  } catch {
    // A node_modules that cannot be written to is no reason to fail a test run.
  }
}
